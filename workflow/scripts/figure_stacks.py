"""What each network costs on each stack, and against its experiment's first one."""

from spikewatt import tables
from spikewatt.figures import saving, stacks
from spikewatt.results import runs
from spikewatt.workflow.scripting import logged


def main(snakemake):
    with logged(snakemake) as log:
        params = snakemake.params
        found = runs.read_all(params.runs)
        tables.refuse_mismatches(found, params.plans)
        figure, caption = stacks.draw(found)
        saving.save(figure, caption, params.stem)
        log.info("%s", caption.alt)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
