"""Which runs a results folder should hold, where no config says so."""

import json
from pathlib import Path

from spikewatt.report import published


def expected(results):
    """The runs to look for in `results`, as dicts for `spikewatt.results.runs.read`.

    These are the paper's six networks, on every stack and seed that the folder knows,
    and whatever else lies in its `runs/`.
    """
    results = Path(results)
    found = dict.fromkeys(_found(results))
    stacks = dict.fromkeys(run[2] for run in found) or {"reference": None}
    seeds = sorted({run[3] for run in found}) or [0]
    wanted = [
        (experiment, network, stack, seed)
        for experiment, network in published.networks()
        for stack in stacks
        for seed in seeds
    ]
    return [_entry(results, *run) for run in dict.fromkeys([*wanted, *found])]


def _found(results):
    folders = sorted((results / "runs").glob("*/*/*/seed*"))
    for folder in folders:
        seed = folder.name.removeprefix("seed")
        if folder.is_dir() and seed.isdigit():
            *_, experiment, network, stack, _ = folder.parts
            yield experiment, network, stack, int(seed)


def _entry(results, experiment, network, stack, seed):
    folder = results / "runs" / experiment / network / stack / f"seed{seed}"
    order = [name for place, name in published.networks() if place == experiment]
    return {
        "experiment": experiment,
        "network": network,
        "stack": stack,
        "seed": seed,
        "label": _label(folder) or published.labels().get(network, network),
        "folder": str(folder),
        "position": order.index(network) if network in order else len(order),
        "against": order[0] if order and network != order[0] else None,
    }


def _label(folder):
    try:
        info = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        return info["config"]["label"]
    except (OSError, ValueError, KeyError, TypeError):
        return None  # reading the run names the damage; here a name is all that lacks
