"""Figures 10 to 12: accuracy, time, device memory and power of one experiment."""

from spikewatt import tables
from spikewatt.figures import experiment, saving
from spikewatt.results import runs
from spikewatt.workflow.scripting import logged


def main(snakemake):
    with logged(snakemake) as log:
        params = snakemake.params
        result = params.result
        found = runs.read_all(params.runs)
        tables.refuse_mismatches(found, result["plans"])
        figure, caption = experiment.draw(found, result["number"], result["title"])
        saving.save(figure, caption, params.stem)
        log.info("%s", caption.alt)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
