"""Turn the archives of one dataset into the arrays that training opens."""

from pathlib import Path

from spikewatt.data import prepare
from spikewatt.workflow.scripting import logged


def main(snakemake):
    params = snakemake.params
    with logged(snakemake) as log:
        prepare.prepare(
            snakemake.wildcards.dataset,
            Path(snakemake.input.archives[0]).parent,
            snakemake.output[0],
            params.events["settings"],
            params.events["preparation"],
            snakemake.threads,
        )
        log.info("%s is ready", snakemake.output[0])


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
