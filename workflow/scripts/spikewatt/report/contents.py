"""Which tables and figures a config has, in their order on the page."""

from spikewatt.report import settings

TABLES = ("table1", "table2", "ratios", "paired", "stacks")
OVERALL = ("fig_stacks", "fig_tradeoff", "fig_epoch_times")
EXPLAINING = ("fig01", "fig02", "fig03", "fig04", "fig05", "fig06")
# Figures of the paper's experiments: of their networks, of their results.
NUMBERED = {
    "exp1": ("fig07", "fig10"),
    "exp2": ("fig08", "fig11"),
    "exp3": ("fig09", "fig12"),
}


def experiments(runs):
    """The experiments of the runs as a config has them, as far as runs can tell.

    name → {"networks": {name: {"dataset": name or None}}}.
    """
    experiments = {}
    for run in runs:
        networks = experiments.setdefault(run.experiment, {"networks": {}})["networks"]
        dataset = settings.dataset(run)
        if dataset or run.network not in networks:
            networks[run.network] = {"dataset": dataset}
    return experiments


def tables(experiments):
    """Names of the tables of a config with these `experiments`, but the claims."""
    return list(TABLES)


def figures(experiments):
    """Figures of a config with these `experiments`: name → whether it shows methods.

    Methods are data, neuron and networks; all others show results.
    """
    names = list(map(_of_experiment, experiments))
    explaining = EXPLAINING if experiments.keys() & NUMBERED.keys() else ()
    results = (*(result for _, result in names), *OVERALL)
    methods = (*explaining, *(methods for methods, _ in names))
    return {**dict.fromkeys(results, False), **dict.fromkeys(methods, True)}


def _of_experiment(name):
    return NUMBERED.get(name, (f"fig_{name}_architecture", f"fig_{name}"))
