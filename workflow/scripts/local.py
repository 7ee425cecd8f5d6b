"""Take one archive from the user's folder and verify it."""

from spikewatt.data import local
from spikewatt.workflow.scripting import logged


def main(snakemake):
    wildcards, params = snakemake.wildcards, snakemake.params
    with logged(snakemake) as log:
        local.take(
            wildcards.dataset,
            wildcards.file,
            params.folder,
            snakemake.output.archive,
            {wildcards.dataset: {wildcards.file: params.checksum}},
        )
        log.info("%s is verified", snakemake.output.archive)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
