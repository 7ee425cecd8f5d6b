"""The table «What is spiking, what is software», of one stack or both."""

from spikewatt import tables
from spikewatt.results import runs
from spikewatt.workflow.scripting import logged


def main(snakemake):
    with logged(snakemake):
        params = snakemake.params
        found = runs.read_all(params.runs)
        tables.refuse_mismatches(found, params.plans)
        tables.stacks(found, params.plans).write(*snakemake.output)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
