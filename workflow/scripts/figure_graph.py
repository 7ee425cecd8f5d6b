"""Figures 5 and 6: computation graphs of forward and backward propagation."""

from spikewatt.figures import graphs, saving
from spikewatt.workflow.scripting import logged


def main(snakemake):
    with logged(snakemake) as log:
        figure, caption = graphs.draw(snakemake.params.direction)
        saving.save(figure, caption, snakemake.params.stem)
        log.info("%s", caption.alt)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
