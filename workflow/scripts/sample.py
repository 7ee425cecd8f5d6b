"""Make one archive of sample data in its official format."""

from spikewatt.data import sample
from spikewatt.workflow.scripting import logged


def main(snakemake):
    wildcards = snakemake.wildcards
    with logged(snakemake) as log:
        sample.make(
            wildcards.dataset,
            wildcards.file,
            snakemake.output.archive,
            **snakemake.params.sample,
        )
        log.info("%s is made", snakemake.output.archive)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
