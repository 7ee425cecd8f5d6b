"""Figure 2: the events of one recording of N-MNIST."""

from spikewatt.data import arrays
from spikewatt.figures import events, saving
from spikewatt.workflow.scripting import logged


def main(snakemake):
    with logged(snakemake) as log:
        figure, caption = events.draw(arrays.load(snakemake.input[0]))
        saving.save(figure, caption, snakemake.params.stem)
        log.info("%s", caption.alt)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
