"""The time of every epoch of all networks."""

from spikewatt import tables
from spikewatt.figures import epoch_times, saving
from spikewatt.results import runs
from spikewatt.workflow.scripting import logged


def main(snakemake):
    with logged(snakemake) as log:
        params = snakemake.params
        found = runs.read_all(params.runs)
        tables.refuse_mismatches(found, params.plans)
        figure, caption = epoch_times.draw(found)
        saving.save(figure, caption, params.stem)
        log.info("%s", caption.alt)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
