"""Figures 7 to 9: the networks of an experiment, drawn from their description."""

from spikewatt.figures import architecture, saving
from spikewatt.workflow.scripting import logged


def main(snakemake):
    with logged(snakemake) as log:
        figure, caption = architecture.draw(**snakemake.params.architecture)
        saving.save(figure, caption, snakemake.params.stem)
        log.info("%s", caption.alt)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
