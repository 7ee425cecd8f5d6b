"""Which tables and figures a config has, in their order on the page."""

from spikewatt import paper
from spikewatt.figures import registry as figure_registry
from spikewatt.paper import protocol
from spikewatt.report import settings
from spikewatt.tables import registry as table_registry

# A table with a section of its own.
CLAIMS = "claims"


def experiments(runs):
    """The experiments of the runs as a config has them, as far as runs can tell.

    name → {"networks": {name: {"dataset": name or None}}}. The data of a run that is
    missing are those that the paper's network of its name learns.
    """
    experiments = {}
    for run in runs:
        networks = experiments.setdefault(run.experiment, {"networks": {}})["networks"]
        stated = protocol.value(run.experiment, run.network, "dataset")
        dataset = settings.dataset(run) or stated
        if dataset or run.network not in networks:
            networks[run.network] = {"dataset": dataset}
    return experiments


def of_paper(experiments):
    """Whether one of the paper's experiments is among these, and so its sections."""
    return bool(paper.present(experiments))


def tables(experiments):
    """Names of the tables of a config with these `experiments`, but the claims."""
    entries = table_registry.entries(experiments)
    return [entry.name for entry in entries if entry.name != CLAIMS]


def figures(experiments):
    """Figures of a config with these `experiments`: name → whether it shows methods.

    Methods are data, neuron and networks; all others show results.
    """
    return {
        entry.name: entry.category == figure_registry.METHODS
        for entry in figure_registry.entries(experiments)
    }
