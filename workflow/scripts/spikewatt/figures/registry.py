"""Which figures there are: a line each, in the order of the report."""

from spikewatt import paper
from spikewatt.results.registry import (
    ALL,
    Entry,
    present,
    with_paper,
    with_paper_on,
    with_rivals,
)

METHODS, OUTCOMES = "Data, neuron and networks", "Result figures"
FORMATS = ("svg", "png", "pdf", "json")


def _method(name, title, maker, caption, there=with_paper, **more):
    maker = f"spikewatt.figures.{maker}:draw"
    more = {"formats": FORMATS, "there": there} | more
    return Entry(name, title, METHODS, caption, maker, **more)


def _result(name, title, maker, caption, **more):
    maker = f"spikewatt.figures.{maker}:draw"
    return Entry(name, title, OUTCOMES, caption, maker, formats=FORMATS, **more)


# What is explained: data, neuron, computation. The paper's Figures 1 to 6.
EXPLAINING = (
    _method(
        *("fig01", "Figure 1: images", "images", "fig_images"),
        there=with_paper_on("mnist", "cifar10"),
        datasets=("mnist", "cifar10"),
    ),
    _method(
        *("fig02", "Figure 2: events", "events", "fig_events"),
        there=with_paper_on("nmnist"),
        datasets=("nmnist",),
    ),
    _method("fig03", "Figure 3: circuit", "circuit", "fig_circuit"),
    _method(
        *("fig04", "Figure 4: neuron", "neuron", "fig_neuron"),
        settings=("beta", "threshold"),
    ),
    _method(
        *("fig05", "Figure 5: forward propagation", "graphs", "fig_graph"),
        arguments={"direction": "forward"},
    ),
    _method(
        *("fig06", "Figure 6: backward propagation", "graphs", "fig_graph"),
        arguments={"direction": "backward"},
    ),
)
# What the report opens with.
ANSWER = _result(
    *("fig_answer", "Costs and accuracy of each pair", "answer", "fig_answer"),
    stages=("train", "test"),
    settings=("source",),
)
# What all networks together show.
OVERALL = (
    _result(
        *("fig_stacks", "What is spiking, what is software", "stacks", "fig_stacks"),
        stages=("train",),
        stacks=ALL,
    ),
    _result(
        *("fig_firing", "Firing rates by layer", "firing", "fig_firing"),
        stages=("firing",),
    ),
    _result(
        *("fig_anytime", "Answers at any time", "anytime", "fig_anytime"),
        stages=("test", "anytime"),
    ),
    _result(
        *("fig_pareto", "Fair rivals: accuracy against cost", "pareto", "fig_pareto"),
        there=with_rivals,
        stages=("train", "test", "operations"),
    ),
    _result(
        *("fig_cost_to_accuracy", "Fair rivals: cost to reach an accuracy"),
        *("cost_to_accuracy", "fig_cost_to_accuracy"),
        there=with_rivals,
        stages=("train",),
    ),
    _result(
        *("fig_breakeven", "Estimate: break-even rates", "breakeven", "fig_breakeven"),
        stages=("operations",),
    ),
    _result(
        *("fig_estimates", "Estimate: other hardware", "estimates", "fig_estimates"),
        stages=("operations",),
    ),
    _result(
        *("fig_tradeoff", "Accuracy against cost", "inference", "fig_tradeoff"),
        stages=("test",),
    ),
    _result(
        *("fig_epoch_times", "Time of every epoch", "epoch_times", "fig_epoch_times"),
        stages=("train",),
    ),
)


def architecture(experiment, number=None):
    """The figure of the networks of an experiment, 7 to 9 in the paper."""
    name = f"fig_{experiment}_architecture" if number is None else f"fig{number:02}"
    return _method(
        *(name, f"{shown(name)}: networks of {experiment}"),
        *("architecture", "fig_architecture"),
        there=lambda experiments: experiment in experiments,
        experiment=experiment,
        arguments={"number": number},
        settings=("drawings", "title"),
    )


def result(experiment, number=None):
    """The figure of what an experiment gave, 10 to 12 in the paper."""
    name = f"fig_{experiment}" if number is None else f"fig{number:02}"
    return _result(
        *(name, f"{shown(name)}: {experiment}", "experiment", "fig_experiment"),
        stages=("train",),
        experiment=experiment,
        arguments={"number": number},
        settings=("title",),
    )


def sweep(experiment, points):
    """The figure of an experiment's sweep; points: {network: {setting: value}}."""
    name = f"fig_sweep_{experiment}"
    return _result(
        *(name, f"What {experiment} sweeps", "sweep", "fig_sweep"),
        stages=("train", "test"),
        experiment=experiment,
        arguments={"points": points},
        settings=("title",),
    )


def shown(name):
    """«Figure 7» for fig07, and the name for a figure that the paper has not."""
    number = name.removeprefix("fig")
    return f"Figure {int(number)}" if number.isdigit() else f"Figure {name}"


def entries(experiments):
    """The figures of a config with these experiments, an `Entry` each.

    experiments: as in the config. The paper's have the numbers of its figures.
    """
    of_paper = paper.present(experiments)
    numbers = {
        kind: {name: paper.figure(name, kind) for name in of_paper}
        for kind in ("architecture", "result")
    }
    made = [
        ANSWER,
        *(result(name, numbers["result"].get(name)) for name in experiments),
        *(
            sweep(name, setting["swept"]["points"])
            for name, setting in experiments.items()
            if setting.get("swept")
        ),
        *OVERALL,
        *EXPLAINING,
        *(
            architecture(name, numbers["architecture"].get(name))
            for name in experiments
        ),
    ]
    return present(made, experiments)
