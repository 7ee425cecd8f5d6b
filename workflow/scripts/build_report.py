"""The report: one HTML file on all results."""

from pathlib import Path

from spikewatt import report
from spikewatt.workflow.scripting import logged


def main(snakemake):
    with logged(snakemake) as log:
        params = snakemake.params
        written = report.build(
            Path(snakemake.output[0]).parent,
            params.runs,
            params.plans,
            params.source,
            params.command,
            partial=params.partial,
        )
        log.info("%s", written)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
