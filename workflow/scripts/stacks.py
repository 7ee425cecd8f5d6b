"""The table that compares the two stacks."""

from spikewatt import runs, tables
from spikewatt.scripting import logged


def main(snakemake):
    with logged(snakemake):
        found = runs.read_all(snakemake.params.runs)
        tables.refuse_conflicts(found, snakemake.params.plans)
        tables.stacks(found).write(*snakemake.output)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
