"""For `killing.py`: fetch an archive that a test has made from the test's server."""

from spikewatt.data import download
from spikewatt.data.catalogue import Archive
from spikewatt.data.transfer import Patience

QUICK = Patience(connect_s=2, silence_s=5, minimum_rate=1, attempts=2, pause_s=0.01)


def main(snakemake):
    params = snakemake.params
    archive = Archive("archive.bin", params.checksum, params.size, (params.url,), True)
    download.fetch(archive, [params.url], snakemake.output[0], QUICK)
