"""Networks that were converted from another: what their source's training cost."""

from spikewatt.results.notes import about

# What is told of a source's training → the columns of its epochs.csv that it sums up.
COSTS = {
    "time_s": ("train_time_s", "val_time_s"),
    "gpu_energy_j": ("gpu_energy_j",),
    "cpu_energy_j": ("cpu_energy_j",),
    "cpu_time_s": ("cpu_time_s",),
}


def source_cost(run, name):
    """The total of COSTS of the training that a run was converted from.

    0 for a run that was trained itself; None where it was not measured.
    """
    source = (run.info or {}).get("source")
    return 0.0 if not source else (source.get("costs") or {}).get(name)


def source_hardware(run):
    """What trained the network that a run was converted from; None where none is told.

    Runs of before this was recorded don't say.
    """
    return ((run.info or {}).get("source") or {}).get("hardware")


def source_notes(runs):
    """A note on each network that was converted: from which, and at what cost."""
    told = {}
    for run in runs:
        source = (run.info or {}).get("source")
        if source:
            told.setdefault(f"{run.experiment}/{run.network}", []).append(source)
    return [about("converted", name, _words(sources)) for name, sources in told.items()]


def _words(sources):
    """«converted from exp1/ann, whose training took 81.2 s (mean of 3 seeds) …»."""
    name = "/".join(sources[0]["run"].split("/")[:2])
    text = f"converted from {name}; its own numbers are of the conversion alone"
    times = [(one.get("costs") or {}).get("time_s") for one in sources]
    if None in times:
        return f"{text}, the source's training comes on top."
    mean = sum(times) / len(times)
    seeds = f", mean of {len(times)} seeds" if len(times) > 1 else ""
    return f"{text}, and {mean:.3g} s of the source's training come on top{seeds}."
