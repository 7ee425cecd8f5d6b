"""What a table or figure is made from, as plain data for rules, scripts and report.

The Snakefile imports this: makers are named («module:function») and loaded by the
script that calls them (`load`), and nothing here imports what draws or computes.
"""

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field

from spikewatt import paper
from spikewatt.results import stages

# Of which stacks a table or figure shows runs: that which answers for the paper
# (reference, where it is run), or all.
MAIN, ALL = "main", "all"


def always(experiments):
    """There with every config."""
    return True


def with_paper(experiments):
    """There where at least one of the paper's experiments is."""
    return bool(paper.present(experiments))


def with_rivals(experiments):
    """There where a network has rivals: in an experiment of three networks or more.

    Of two, such as the paper's pairs, all is said by what compares pairs.
    """
    return any(has_rivals(setting["networks"]) for setting in experiments.values())


def has_rivals(networks):
    """Whether these networks of one experiment are more than one pair."""
    return len(networks) > 2


def with_paper_on(*datasets):
    """There where the paper's experiments are and networks learn all of these."""

    def there(experiments):
        used = {
            network["dataset"]
            for setting in experiments.values()
            for network in setting["networks"].values()
        }
        return with_paper(experiments) and used >= set(datasets)

    return there


@dataclass(frozen=True)
class Entry:
    """A table or a figure.

    name: of its files, without suffix; title: what Snakemake's report calls it, under
    `category`, with the words of workflow/report/`caption`.rst; maker:
    «module:function»; there: whether a config's experiments call for it.

    The maker gets, in this order: the runs (of `stacks`: MAIN or ALL; of the one
    `experiment` or all) if there are `stages`, whose files it reads; then each of
    `datasets`, prepared; then by name `arguments`, and those `settings` of the config
    that it asks for (`plans`, `source`, …; see rules/common.smk).
    formats: suffixes of its files.
    """

    name: str
    title: str
    category: str
    caption: str
    maker: str
    there: Callable = always
    stages: tuple = ()
    stacks: str = MAIN
    experiment: str | None = None
    datasets: tuple = ()
    arguments: dict = field(default_factory=dict)
    settings: tuple = ()
    formats: tuple = ()

    @property
    def module(self):
        """The dotted name of the maker's module."""
        return self.maker.partition(":")[0]

    @property
    def files(self):
        """The files of a run that it is made from."""
        return stages.files(*self.stages)

    @property
    def numbers(self):
        """Those of `files` that hold numbers; the others say how these came about."""
        return [name for name in self.files if not name.endswith(".json")]


def present(entries, experiments):
    """Those of `entries` that a config with these experiments has.

    Raises ValueError where two have one name, as with an experiment called «stacks»,
    whose figure would be fig_stacks.
    """
    there = [entry for entry in entries if entry.there(experiments)]
    names = [entry.name for entry in there]
    for entry in there:
        if names.count(entry.name) > 1:
            raise ValueError(
                f"two things would be called {entry.name}: give the experiment "
                f"{entry.experiment or 'of that name'} another name"
            )
    return there


def load(maker):
    """The function that a maker's name means."""
    return pkgutil.resolve_name(maker)
