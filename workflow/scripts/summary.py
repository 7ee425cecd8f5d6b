"""summary.csv, a row a run; columns.csv, what every column of every CSV means."""

from spikewatt.results import dictionary, overview, runs
from spikewatt.results.mismatches import mismatches
from spikewatt.workflow.scripting import logged


def main(snakemake):
    with logged(snakemake) as log:
        params = snakemake.params
        read = runs.read_all(params.runs)
        for note in mismatches(read, params.plans, params.partial):
            log.info("%s", note.text)
        table = overview.overview(read, params.plans)
        overview.write(table, snakemake.output.summary)
        overview.write(dictionary.table(), snakemake.output.columns)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
