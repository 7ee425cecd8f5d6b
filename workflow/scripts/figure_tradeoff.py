"""Test accuracy against energy, or time, per inference of all networks."""

from spikewatt import tables
from spikewatt.figures import inference, saving
from spikewatt.results import runs
from spikewatt.workflow.scripting import logged


def main(snakemake):
    with logged(snakemake) as log:
        params = snakemake.params
        found = runs.read_all(params.runs)
        tables.refuse_mismatches(found, params.plans)
        figure, caption = inference.draw(found)
        saving.save(figure, caption, params.stem)
        log.info("%s", caption.alt)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
