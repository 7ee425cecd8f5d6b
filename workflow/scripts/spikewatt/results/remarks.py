"""What a reader must know of how runs were measured: flags and machines, as notes."""

from spikewatt.results import measured
from spikewatt.results.runs import NETWORK_FLAGS


def flags(runs, *stages):
    """A note a flag: what it means, and which runs of the stages it concerns.

    stages: «t1» (training) and «t2» (test); where both are asked for, tests are told
    apart.
    """
    places, meanings = {}, dict(NETWORK_FLAGS)
    for run in runs:
        meanings |= ((run.info or {}).get("meter") or {}).get("flags") or {}
        for stage in stages:
            test = " (test)" if stage == "t2" and len(stages) > 1 else ""
            for word, epochs in measured.flags(run, stage).items():
                places.setdefault(word, []).append(_place(run, epochs) + test)
    for word, where in places.items():
        meaning = f", {meanings[word]}" if word in meanings else ""
        yield f"† Flagged «{word}»{meaning}: {'; '.join(where)}."


def machines(runs):
    """The note that runs are of different machines, where they are; else none."""
    found = {_machine(run) for run in runs if run.info}
    if len(found) < 2:
        return []
    return [f"Measured on different machines: {'; '.join(sorted(found))}."]


def _place(run, epochs):
    """«exp1/ann/reference/seed0 (epochs 2, 3)», or how many if they are many."""
    if not epochs:
        return run.name
    if len(epochs) > 4:
        return f"{run.name} ({len(epochs)} of {len(run.epochs)} epochs)"
    word = "epoch" if len(epochs) == 1 else "epochs"
    return f"{run.name} ({word} {', '.join(map(str, epochs))})"


def _machine(run):
    hardware = run.info.get("hardware") or {}
    return hardware.get("gpu") or hardware.get("cpu") or "unknown"
