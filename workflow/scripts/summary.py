"""summary.csv, a row a run; columns.csv, what every column of every CSV means."""

from spikewatt.results import dictionary, overview, runs
from spikewatt.results.mismatches import refuse_mismatches
from spikewatt.workflow.scripting import logged


def main(snakemake):
    with logged(snakemake):
        read = runs.read_all(snakemake.params.runs)
        refuse_mismatches(read, snakemake.params.plans)
        table = overview.overview(read, snakemake.params.plans)
        overview.write(table, snakemake.output.summary)
        overview.write(dictionary.table(), snakemake.output.columns)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
