"""Fetch one official archive and verify it."""

from spikewatt.data import download
from spikewatt.workflow.scripting import logged


def main(snakemake):
    wildcards, params = snakemake.wildcards, snakemake.params
    with logged(snakemake) as log:
        download.download(
            wildcards.dataset,
            wildcards.file,
            snakemake.output.archive,
            mirrors=params.mirrors,
        )
        log.info("%s is complete and verified", snakemake.output.archive)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
