"""One table of `spikewatt.tables.registry`, from the runs that it shows."""

from spikewatt.claims import protocol_notes
from spikewatt.paper import has
from spikewatt.results import origin, registry, runs
from spikewatt.results.mismatches import refuse_mismatches
from spikewatt.workflow.scripting import logged


def main(snakemake):
    with logged(snakemake) as log:
        params = snakemake.params
        read = runs.read_all(params.runs or [])
        refuse_mismatches(read, params.plans)
        made = registry.load(params.maker)(read, **params.arguments)
        made.origin = origin.line(read, params.source, leaves(read, params))
        made.write(*snakemake.output)
        for note in made.notes:
            log.info("%s", note.text)


def leaves(read, params):
    """Whether runs of the paper's networks leave its protocol; None without any."""
    if not any(has(run.experiment, run.network) for run in read):
        return None
    return bool(protocol_notes(read, params.plans, params.source))


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
