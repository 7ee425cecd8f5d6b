"""Targets as people type them: what was meant by those that nothing makes."""

from spikewatt.workflow.sentences import meant

FILES_OF_A_RUN = (
    *("epochs.csv", "telemetry.csv", "model.safetensors", "run.json"),
    *(
        "test.csv",
        "predictions.csv",
        "firing_rates.csv",
        "anytime.csv",
        "early_exit.csv",
        "operations.csv",
        "inference.csv",
        "test_telemetry.csv",
        "test.json",
    ),
)
STACKS = ("reference", "fast")
REFUSED = (
    "with allow_missing nothing is trained. Leave allow_missing out to make runs, or "
    "ask for tables, figures, report or an experiment: made from the runs that exist"
)
# How many words a sentence lists before it only hints.
LISTED = 20


def mistaken(target, experiments, results, known, made):
    """A sentence on a target that means nothing, or None where it means something.

    experiments: as in the config; results: its folder; known: names and files that can
    be asked for; made: whether a rule makes a file of this name, as a function.
    """
    inside = f"{results}/runs/"
    if target.startswith(inside):
        wrong = _of_run(target.removeprefix(inside), experiments)
        return wrong and f"{target}: {wrong}"
    if target in known or made(target):
        return None
    name, *rest = target.split("/")
    if name in experiments and rest:
        return f"{target}: {_of_experiment(name, rest, experiments, inside)}"
    return f"{target}: nothing of that name can be made{meant(target, known)}. " + (
        f"Targets are {', '.join(_names(known))}; one network, as "
        f"{_example(experiments)}; or a file, as {results}/report.html."
    )


def of_other_configs(target, files):
    """That config files hold an experiment of a target's name, or None.

    files: those of them that do, as paths from the working folder.
    """
    if not files:
        return None
    name = target.split("/")[0]
    return (
        f"{target}: an experiment {name} stands in {', '.join(map(str, files))}, which "
        f"was not given: snakemake --cores 1 {target} --configfile {files[0]}"
    )


def refused(target, results, made):
    """Why a run is not made with `allow_missing`, or None for what is no run.

    results, made: as for `mistaken`.
    """
    if not target.startswith(f"{results}/runs/") or made(target):
        return None
    return f"{target}: {REFUSED}"


def _names(known):
    names = [name for name in known if "/" not in name]
    return [*names[:LISTED], "…"] if len(names) > LISTED else names


def _example(experiments):
    name, setting = next(iter(experiments.items()))
    return f"{name}/{next(iter(setting['networks']))}"


def _of_experiment(name, rest, experiments, inside):
    """What is wrong with «exp1/…», or how one run of a network is asked for."""
    network, *more = rest
    unknown = _network(name, network, experiments)
    if unknown:
        return unknown
    if not more:  # a target of its own, unless nothing is to be trained
        return REFUSED
    stack = next((word for word in more if word in STACKS), STACKS[0])
    seeds = [word for word in more if word.removeprefix("seed").isdigit()]
    seed = seeds[0].removeprefix("seed") if seeds else "0"
    return (
        "one run is asked for by a file of it: snakemake --cores 1 "
        f"{inside}{name}/{network}/{stack}/seed{seed}/test.csv"
    )


def _network(experiment, network, experiments):
    """The sentence that an experiment has no such network, or None."""
    networks = list(experiments[experiment]["networks"])
    if network in networks:
        return None
    return (
        f"{experiment} has no network «{network}»{meant(network, networks)}; "
        f"it has {', '.join(networks)}"
    )


def _of_run(inner, experiments):
    """What is wrong with «exp1/ann/reference/seed0/test.csv», or None."""
    experiment, *parts = inner.split("/")
    if experiment not in experiments:
        known = list(experiments)
        return (
            f"no experiment is called «{experiment}»{meant(experiment, known)}; "
            f"there are {', '.join(known)}"
        )
    if len(parts) != 4:
        return "a run's file is <experiment>/<network>/<stack>/seed<n>/<file>"
    network, stack, seed, file = parts
    if wrong := _network(experiment, network, experiments):
        return wrong
    if stack not in STACKS:
        known = " or ".join(STACKS)
        return f"no stack is called «{stack}»{meant(stack, STACKS)}; use {known}"
    if not seed.removeprefix("seed").isdigit() or not seed.startswith("seed"):
        return f"«{seed}» is no seed; a seed's folder is called seed0, seed1, …"
    if file not in FILES_OF_A_RUN:
        return (
            f"a run has no file «{file}»{meant(file, FILES_OF_A_RUN)}; "
            f"it has {', '.join(FILES_OF_A_RUN)}"
        )
    return None
