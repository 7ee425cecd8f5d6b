"""Accuracies that the networks of an experiment are asked to reach."""

from dataclasses import dataclass

from spikewatt import paper
from spikewatt.paper import protocol
from spikewatt.results import measured, stats
from spikewatt.results.protocol import flattened

# How far below the weakest rival's best the second target lies.
LESS_POINTS = 1.0
# What an accuracy of the paper depends on, by the beginnings of keys.
SAME = ("dataset", "architecture.")


@dataclass(frozen=True)
class AccuracyTarget:
    """An accuracy in %, and where it is from."""

    pct: float
    words: str


def of_paper(groups):
    """The paper's target: the lowest test accuracy that it has for these networks.

    groups: runs of each network of one experiment. The paper has one for a network of
    its own, and for one on the same data with the same layers, whatever its neurons.
    None where it has none.
    """
    found = {}
    for group in groups:
        for experiment, network in _alike(group[0]):
            stated = paper.value("test", experiment, network, "test_accuracy_pct")
            found[f"{experiment}/{network}"] = stated
    if not found:
        return None
    name = min(found, key=found.get)
    return AccuracyTarget(found[name], f"the paper's {found[name]:g} % ({name}, test)")


def of_weakest(groups):
    """The weakest rival's best validation accuracy, mean over seeds, less one point.

    None where no network of them was trained.
    """
    best = {}
    for group in groups:
        rows = [measured.table1_row(run) for run in group]
        mean = stats.mean_ci([row.get("best_val_accuracy_pct") for row in rows])[0]
        if mean is not None:
            best[group[0].label] = mean
    if not best:
        return None
    label = min(best, key=best.get)
    pct = best[label] - LESS_POINTS
    words = f"{pct:.2f} %, one point below the best of the weakest rival, «{label}»"
    return AccuracyTarget(pct, words)


def _alike(run):
    """(experiment, network) of the paper's that learn the same with the same layers."""
    if paper.has(run.experiment, run.network):
        return [(run.experiment, run.network)]
    config = (run.info or {}).get("config")
    asked = _what_counts(flattened(config)) if isinstance(config, dict) else {}
    return [
        name
        for name in paper.networks()
        if asked and asked == _what_counts(_settings(*name))
    ]


def _settings(experiment, network):
    settings = protocol.of_network(experiment, network)
    return {key: setting.value for key, setting in settings.items()}


def _what_counts(settings):
    return {key: value for key, value in settings.items() if key.startswith(SAME)}
