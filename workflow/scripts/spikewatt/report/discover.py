"""Which runs a results folder should hold, where no config says so."""

import json
import math
from pathlib import Path

from spikewatt import paper
from spikewatt.report import settings


def expected(results, networks=None):
    """The runs to look for in `results`, as dicts for `spikewatt.results.runs.read`.

    networks: experiment → network → its `label` and the one it is compared with,
    `against`, as an earlier report on this folder remembers them. Without it the
    paper's, if one of its experiments is in the folder or nothing is. These are looked
    for on every stack and with every seed that the folder knows; whatever else lies in
    `runs/` is listed besides.
    """
    results = Path(results)
    present = list(_present(results))
    stacks = dict.fromkeys(stack for *_, stack, _ in present) or {"reference": None}
    seeds = sorted({seed for *_, seed in present}) or [0]
    known = networks or _of_paper(present)
    wanted = {
        (experiment, network, stack, seed)
        for experiment, networks in known.items()
        for network in networks
        for stack in stacks
        for seed in seeds
    }
    return [
        _entry(results, (experiment, network, stack, seed), about, position)
        for experiment, networks in _with_others(results, known, present).items()
        for position, (network, about) in enumerate(networks.items())
        for stack in stacks
        for seed in seeds
        if (experiment, network, stack, seed) in {*wanted, *present}
    ]


def _present(results):
    folders = sorted((results / "runs").glob("*/*/*/seed*"))
    for folder in folders:
        seed = folder.name.removeprefix("seed")
        if folder.is_dir() and seed.isdigit():
            *_, experiment, network, stack, _ = folder.parts
            yield experiment, network, stack, int(seed)


def _of_paper(present):
    """The paper's networks by experiment, each compared with the first; or none."""
    experiments = {}
    for experiment, network in paper.networks():
        networks = experiments.setdefault(experiment, {})
        networks[network] = {"label": None, "against": next(iter(networks), None)}
    mine = {experiment for experiment, *_ in present}
    return experiments if not mine or mine & experiments.keys() else {}


def _with_others(results, known, present):
    """The `known` networks and behind them those that are `present` besides.

    Others stand as their run.json says. Where that says nothing, those that do not
    spike come first, and the first network is what the others are compared with.
    """
    experiments = {name: dict(networks) for name, networks in known.items()}
    told = [(run, _info(results, *run)) for run in present]
    for (experiment, network, *_), info in sorted(told, key=_order):
        networks = experiments.setdefault(experiment, {})
        if network not in networks:
            against = info.get("against", next(iter(networks), None))
            against = against if isinstance(against, str) else None
            networks[network] = {"label": None, "against": against}
    return experiments


def _order(told):
    (experiment, network, *_), info = told
    position = info.get("position")
    position = position if isinstance(position, int) else math.inf
    return experiment, position, settings.spiking(_config(info), network)


def _entry(results, run, about, position):
    experiment, network, stack, seed = run
    own = _config(_info(results, *run)).get("label")
    stated = paper.networks().get((experiment, network), {"label": network})
    return {
        "experiment": experiment,
        "network": network,
        "stack": stack,
        "seed": seed,
        "label": about["label"] or (own if isinstance(own, str) else stated["label"]),
        "folder": str(_folder(results, *run)),
        "position": position,
        "against": about["against"],
    }


def _folder(results, experiment, network, stack, seed):
    return results / "runs" / experiment / network / stack / f"seed{seed}"


def _info(results, *run):
    """A run's run.json; empty where it is damaged, which reading the run names."""
    try:
        text = (_folder(results, *run) / "run.json").read_text(encoding="utf-8")
        info = json.loads(text)
    except (OSError, ValueError, RecursionError):
        return {}
    return info if isinstance(info, dict) else {}


def _config(info):
    config = info.get("config")
    return config if isinstance(config, dict) else {}
