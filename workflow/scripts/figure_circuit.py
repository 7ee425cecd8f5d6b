"""Figure 3: the RC circuit of the passive membrane."""

from spikewatt.figures import circuit, saving
from spikewatt.workflow.scripting import logged


def main(snakemake):
    with logged(snakemake) as log:
        figure, caption = circuit.draw()
        saving.save(figure, caption, snakemake.params.stem)
        log.info("%s", caption.alt)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
