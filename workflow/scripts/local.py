"""Take one archive from the user's folder and verify it."""

from spikewatt.data import local
from spikewatt.workflow.scripting import logged


def main(snakemake):
    wildcards, params = snakemake.wildcards, snakemake.params
    with logged(snakemake) as log:
        # From the config, which Snakemake does not watch, and not from params: what
        # makes an archive is its checksum. Where it lay is no reason to take it again.
        local.take(
            wildcards.dataset,
            wildcards.file,
            snakemake.config["archives"],
            snakemake.output.archive,
            {wildcards.dataset: {wildcards.file: params.checksum}},
        )
        log.info("%s is verified", snakemake.output.archive)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
