"""The paper's claims against its own tables and against this run."""

from spikewatt import claims, tables
from spikewatt.results import runs
from spikewatt.workflow.scripting import logged


def main(snakemake):
    with logged(snakemake) as log:
        params = snakemake.params
        found = runs.read_all(params.runs)
        tables.refuse_mismatches(found, params.plans)
        judged = claims.judge(found)
        notes = claims.protocol_notes(found, params.plans, params.source)
        claims.write(judged, notes, snakemake.output.csv, snakemake.output.md)
        for question, answers in claims.counts(judged).items():
            log.info("%s: %s", question, answers)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
