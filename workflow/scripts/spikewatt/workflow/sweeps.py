"""`sweep:` of an experiment as plain networks, one for each combination of values.

    sweep: {of: snn, steps: [4, 8], beta: [0.5, 0.9]}

makes `snn_steps4_beta0_5` and three more of the network `snn`. The rest of the workflow
sees networks like any others, and under `swept` which values each stands for. The
network itself stays; a combination that would repeat it to the last setting is it.
"""

import itertools
import math
import re

from spikewatt.network.describe import spoken
from spikewatt.workflow import settings
from spikewatt.workflow.plan import run_plan
from spikewatt.workflow.sentences import meant

# The key of an experiment in the config, and what stands in its place when expanded.
ASKED, MADE = "sweep", "swept"
OF, WIDTH, POINTS = "of", "width", "points"
# More runs of a config with a sweep are refused: Snakemake plans them in minutes.
MOST_RUNS = 3000


def _inside(*outer, words):
    return {word: (*outer, word) for word in words.split()}


# Where a swept setting stands in a network's mapping. `width` is of its layers, and
# comes after the architecture that it scales.
WHERE = {
    **_inside(words="architecture encoding steps resize frames weight_bits"),
    "loss": ("loss", "kind"),
    **_inside("loss", words="correct_rate incorrect_rate"),
    **_inside("neuron", words="beta threshold surrogate reset levels clip"),
    **_inside("events", words="filter_time_us bin_us spatial_factor"),
    **_inside("training", words="batch_size learning_rate validation_fraction"),
    **_inside("training", words="max_train_samples max_test_samples dropout padding"),
}
# How a value is called in a label; the others as «batch size 64».
LABELS = {
    "steps": "{} steps",
    "beta": "β {}",
    "threshold": "θ {}",
    "levels": "{} levels",
    "weight_bits": "{} bits",
    WIDTH: "width × {}",
    "bin_us": "bins of {} µs",
    **dict.fromkeys(("architecture", "encoding", "loss", "surrogate"), "{}"),
}


def expanded(config):
    """(config with plain networks in the place of sweeps, what is wrong, a list).

    config: one that the schema allows; it is not changed. Where anything is wrong the
    config comes back as it was. Each experiment with a sweep gets, for its figure,
    `swept`: {of: network, points: {network: {word: value}}}, in the values' order.
    """
    swept = {
        name: setting
        for name, setting in config["experiments"].items()
        if ASKED in setting
    }
    wrong = [
        line for name, setting in swept.items() for line in _checks(name, setting)
    ] or list(_too_many(config, swept))
    if wrong or not swept:
        return config, wrong
    architectures = dict(config["architectures"])
    experiments = dict(config["experiments"])
    for name, setting in swept.items():
        made = _experiment(config, name, setting, architectures)
        experiments[name] = made
        wrong += _clashes(name, setting, made)
    full = {**config, "architectures": architectures, "experiments": experiments}
    return (config, wrong) if wrong else (full, [])


def _checks(name, setting):
    """Whether the swept network is there, and anything to vary."""
    if len(setting[ASKED]) == 1:
        yield (
            f"experiments.{name}.sweep: names no setting to vary; add one with its "
            "values, as steps: [4, 8, 15, 25]"
        )
    networks, of = setting["networks"], setting[ASKED][OF]
    if of not in networks:
        yield (
            f"experiments.{name}.sweep.of: {of!r} is no network of this experiment"
            f"{meant(of, networks)}; known: {', '.join(networks)}"
        )


def _too_many(config, swept):
    """Whether there would be more runs than anyone plans at once; makes none."""
    times = len(config["seeds"]) * len(config["stacks"])
    counts = {name: _combinations(setting) for name, setting in swept.items()}
    plain = sum(len(one["networks"]) for one in config["experiments"].values())
    runs = times * (plain + sum(counts.values()))
    if runs > MOST_RUNS:
        for name, count in counts.items():
            yield (
                f"experiments.{name}.sweep: {count:,} networks, with all others "
                f"{runs:,} runs ({len(config['seeds'])} seeds × "
                f"{len(config['stacks'])} stacks), and at most {MOST_RUNS:,} are "
                "planned at once; leave out values, or make several config files of "
                "it, each with a part of the values"
            )


def _combinations(setting):
    values = (values for word, values in setting[ASKED].items() if word != OF)
    return math.prod(map(len, values))


def _experiment(config, name, setting, architectures):
    """An experiment with its swept networks; new architectures are added."""
    sweep, points = setting[ASKED], {}
    of, words = sweep[OF], [word for word in sweep if word != OF]
    networks = dict(setting["networks"])
    for values in itertools.product(*(sweep[word] for word in words)):
        chosen = dict(zip(words, values, strict=True))
        made = _network(networks[of], chosen, architectures)
        called = "_".join([of, *(f"{w}{written(v)}" for w, v in chosen.items())])
        points.setdefault(called, chosen)
        networks.setdefault(called, made)
    plain = {key: value for key, value in setting.items() if key != ASKED}
    return {**plain, "networks": networks, MADE: {OF: of, POINTS: points}}


def _clashes(name, setting, made):
    """Names that two networks would have."""
    for called in made[MADE][POINTS]:
        if called in setting["networks"]:
            yield (
                f"experiments.{name}.sweep: {called} would be made, and a network of "
                "that name is there; rename that one"
            )
    lost = _combinations(setting) - len(made[MADE][POINTS])
    if lost:
        yield (
            f"experiments.{name}.sweep: {lost} of its networks would have the name of "
            "another; leave out values that are written alike"
        )


def _network(base, chosen, architectures):
    """A network's mapping with the chosen values, {word: value}, and its label."""
    made = dict(base)
    for word, value in chosen.items():
        if word != WIDTH:
            made = _with(made, WHERE[word], value)
    if WIDTH in chosen:
        made["architecture"] = _scaled(made, chosen[WIDTH], architectures)
    told = [LABELS.get(w, f"{w.replace('_', ' ')} {{}}") for w in chosen]
    said = [
        text.format(spoken(v)) for text, v in zip(told, chosen.values(), strict=True)
    ]
    return made | {"label": ", ".join([base["label"], *said])}


def _with(network, where, value):
    """The mapping with a value in its place; a word there becomes a mapping."""
    outer, *inner = where
    if not inner:
        return {**network, outer: value}
    there = settings.mapping(network.get(outer, {}))
    return {**network, outer: {**there, inner[0]: value}}


def _scaled(network, factor, architectures):
    """The name of the network's architecture, made wider by `factor`; it is added."""
    name = network["architecture"]
    if factor == 1 or name not in architectures:  # told by the checks that follow
        return name
    called = f"{name}_width{written(factor)}"
    *hidden, last = architectures[name]
    architectures[called] = [*(wider(layer, factor) for layer in hidden), last]
    return called


def wider(layer, factor):
    """A layer with `factor` times its channels or features, at least 1."""
    kind = "conv" if "conv" in layer else "linear"
    return {**layer, kind: max(1, round(layer[kind] * factor))}


def written(value):
    """A value as a part of a name: 0.8 is «0_8», 1e-05 «1e-05», null «none»."""
    return re.sub(r"[^A-Za-z0-9-]", "_", spoken(value).replace(" ", "_"))


def without_twins(config):
    """A sound expanded config, in which no swept network repeats the one it is made of.

    A network whose plan is that of its origin goes, and the origin takes its place
    among the points: nobody trains one thing twice.
    """
    experiments = {
        name: _without_twins(config, name, setting) if MADE in setting else setting
        for name, setting in config["experiments"].items()
    }
    return {**config, "experiments": experiments}


def _without_twins(config, name, setting):
    def plan(network):
        return run_plan(config, name, network) | {"network": None}

    of, points = setting[MADE][OF], setting[MADE][POINTS]
    twins = {called for called in points if plan(called) == plan(of)}
    kept = {n: one for n, one in setting["networks"].items() if n not in twins}
    placed = {of if called in twins else called: v for called, v in points.items()}
    return {**setting, "networks": kept, MADE: {OF: of, POINTS: placed}}


def joined(sentences, config):
    """Sentences on single networks; what is wrong with all of a sweep stands once.

    config: expanded, as `expanded` gives it.
    """
    told, found = [], {}
    places = {
        f"experiments.{name}.networks.{network}": name
        for name, setting in config["experiments"].items()
        for network in setting.get(MADE, {}).get(POINTS, ())
    }
    for sentence in sentences:
        key = re.match(r"experiments\.[^.]+\.networks\.[^.:]+", sentence)
        if key and key[0] in places:
            about = places[key[0]], sentence.removeprefix(key[0]).lstrip(".")
            found.setdefault(about, []).append(key[0].rpartition(".")[2])
        else:
            told.append(sentence)
    for (name, what), networks in found.items():
        more = f" and {len(networks) - 1} more" if len(networks) > 1 else ""
        told.append(f"experiments.{name}.sweep: {networks[0]}{more}: {what}")
    return told


def label_checks(config, longest):
    """Whether the labels of swept networks are short enough for figures and tables."""
    for name, setting in config["experiments"].items():
        for network in setting.get(MADE, {}).get(POINTS, ()):
            label = setting["networks"][network]["label"]
            if len(label) > longest:
                of = setting[MADE][OF]
                yield (
                    f"experiments.{name}.sweep: {network} would be called «{label}», "
                    f"and a label has at most {longest} letters; give {of} a shorter "
                    "one, or sweep fewer settings"
                )
                return
