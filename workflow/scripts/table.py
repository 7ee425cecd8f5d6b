"""One table of `spikewatt.tables.registry`, from the runs that it shows."""

from spikewatt.results import origin, registry, runs
from spikewatt.results.mismatches import mismatches
from spikewatt.results.protocol import leaves
from spikewatt.workflow.scripting import logged


def main(snakemake):
    with logged(snakemake) as log:
        params = snakemake.params
        read = runs.read_all(params.runs or [], params.stages)
        unlike = mismatches(read, params.plans, params.partial)
        made = registry.load(params.maker)(read, **params.arguments)
        leaving = leaves(read, params.plans, params.source)
        made.origin = origin.line(read, params.source, leaving)
        for note in unlike:
            made.note(note)
        made.write(*snakemake.output)
        for note in made.notes:
            log.debug("%s", note.text)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
