"""Figure 4: a leaky integrate-and-fire neuron at work."""

from spikewatt.figures import neuron, saving
from spikewatt.workflow.scripting import logged


def main(snakemake):
    with logged(snakemake) as log:
        figure, caption = neuron.draw(**snakemake.params.neuron)
        saving.save(figure, caption, snakemake.params.stem)
        log.info("%s", caption.alt)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
