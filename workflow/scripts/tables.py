"""Tables I and II, differences and ratios within experiments: one table a rule."""

from spikewatt import tables
from spikewatt.results import runs
from spikewatt.workflow.scripting import logged

MAKERS = {
    "table1": lambda found, plans: tables.table("t1", found, plans),
    "table2": lambda found, plans: tables.table("t2", found, plans),
    "paired": lambda found, plans: tables.paired(found),
    "ratios": lambda found, plans: tables.ratios(found),
}


def main(snakemake):
    with logged(snakemake) as log:
        params = snakemake.params
        found = runs.read_all(params.runs)
        tables.refuse_mismatches(found, params.plans)
        made = MAKERS[params.table](found, params.plans)
        made.write(*snakemake.output)
        for text in made.notes:
            log.info("%s", text)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
