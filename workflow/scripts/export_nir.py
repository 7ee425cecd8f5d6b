"""Write a trained spiking network as a NIR file."""

from spikewatt.train import exported
from spikewatt.workflow.scripting import logged


def main(snakemake):
    with logged(snakemake) as log:
        (output,) = snakemake.output
        exported.export(snakemake.input.model, snakemake.input.facts, output)
        log.info("%s", output)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
