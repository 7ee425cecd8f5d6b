"""Which tables there are: a line each, in the order of the report."""

from dataclasses import replace
from functools import partial

from spikewatt.results.registry import (
    ALL,
    Entry,
    always,
    present,
    with_paper,
    with_rivals,
)

CATEGORY = "Tables"
FORMATS = ("csv", "md", "tex", "json")
BOTH = ("train", "test")
PUBLISHED = "spikewatt.tables.published"
COMPARISONS = "spikewatt.tables.comparisons"
STACKS = "What is spiking, what is software"


def _table(name, title, maker, **more):
    more = {"formats": FORMATS, "settings": ("plans",)} | more
    return Entry(name, title, CATEGORY, name, maker, **more)


ENTRIES = (
    _table("table1", "Table I", f"{PUBLISHED}:table1", stages=("train",)),
    _table("table2", "Table II", f"{PUBLISHED}:table2", stages=("test",)),
    _table("ratios", "Ratios", f"{COMPARISONS}:ratios", stages=BOTH),
    _table("paired", "Paired differences", f"{COMPARISONS}:paired", stages=BOTH),
    _table(
        *("stacks", STACKS, "spikewatt.tables.stacks:stacks"), stages=BOTH, stacks=ALL
    ),
    _table(
        *("firing", "Firing rates by layer", "spikewatt.tables.firing:rates"),
        **{"stages": ("firing",), "settings": ()},
    ),
    _table(
        *("operations", "Operations and memory", "spikewatt.tables.operations:table"),
        **{"stages": ("test", "operations"), "settings": ()},
    ),
    _table(
        *("rivals", "Fair rivals", "spikewatt.tables.rivals:table"),
        there=with_rivals,
        stages=("train", "test", "anytime", "predictions", "operations"),
        settings=("source",),
    ),
    # A line a network and model: too long for a page of LaTeX.
    _table(
        *("estimates", "Estimates: other hardware", "spikewatt.tables.estimates:table"),
        **{"stages": ("operations",), "settings": (), "formats": ("csv", "md", "json")},
    ),
    # Of 120 lines: too long for a page of LaTeX.
    _table(
        *("claims", "Claims", "spikewatt.claims:table"),
        there=with_paper,
        stages=BOTH,
        settings=("plans", "source"),
        formats=("csv", "md", "json"),
    ),
)
# (experiments of the config) → the entries that it has.
entries = partial(present, ENTRIES)


def of_one(experiment, setting, several):
    """The tables of one experiment alone, named «exp2/table1»: those that fit it.

    setting: of the experiment, as in the config; several: whether it is run on several
    stacks, which are compared then.
    """
    return [
        replace(
            entry,
            name=f"{experiment}/{entry.name}",
            title=f"{entry.title}: {experiment}",
            experiment=experiment,
        )
        for entry in ENTRIES
        if entry.there in (always, with_rivals)
        and entry.there({experiment: setting})
        and (several or entry.stacks != ALL)
    ]
