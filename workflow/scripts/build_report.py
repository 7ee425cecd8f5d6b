"""The report: one HTML file on all results."""

from spikewatt import report
from spikewatt.scripting import logged


def main(snakemake):
    with logged(snakemake) as log:
        params = snakemake.params
        written = report.build(
            params.results,
            params.runs,
            params.plans,
            params.source,
            params.command,
            snakemake.output[0],
        )
        log.info("%s", written)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
