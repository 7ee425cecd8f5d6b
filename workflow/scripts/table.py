"""One table of `spikewatt.tables.registry`, from the runs that it shows."""

from spikewatt.results import registry, runs
from spikewatt.results.mismatches import refuse_mismatches
from spikewatt.workflow.scripting import logged


def main(snakemake):
    with logged(snakemake) as log:
        params = snakemake.params
        read = runs.read_all(params.runs or [])
        refuse_mismatches(read, params.plans)
        made = registry.load(params.maker)(read, **params.arguments)
        made.write(*snakemake.output)
        for note in made.notes:
            log.info("%s", note.text)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
