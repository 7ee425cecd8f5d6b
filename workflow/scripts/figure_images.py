"""Figure 1: an image of MNIST and one of CIFAR-10."""

from spikewatt.data import arrays
from spikewatt.figures import images, saving
from spikewatt.workflow.scripting import logged


def main(snakemake):
    with logged(snakemake) as log:
        mnist, cifar10 = (arrays.load(path) for path in snakemake.input[:2])
        figure, caption = images.draw(mnist, cifar10)
        saving.save(figure, caption, snakemake.params.stem)
        log.info("%s", caption.alt)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
