"""One figure of `spikewatt.figures.registry`, from runs or prepared data or neither."""

from pathlib import Path

from spikewatt.data import arrays
from spikewatt.figures import saving
from spikewatt.results import registry, runs
from spikewatt.results.mismatches import mismatches
from spikewatt.workflow.scripting import logged


def main(snakemake):
    with logged(snakemake) as log:
        params = snakemake.params
        unlike = []
        data = [arrays.load(path) for path in snakemake.input.datasets]
        if params.runs is not None:
            read = runs.read_all(params.runs, params.stages)
            unlike = mismatches(read, params.plans, params.partial)
            data.insert(0, read)
        figure, caption = registry.load(params.maker)(*data, **params.arguments)
        caption = saving.with_notes(caption, unlike)
        saving.save(figure, caption, Path(snakemake.output[0]).with_suffix(""))
        log.debug("%s", caption.alt)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
