"""What the runs were measured with, and on what machine."""

import json
from datetime import UTC, datetime

import pandas as pd

BACKENDS = {
    "nvml": "NVIDIA's management library: board power, energy, memory of the whole GPU",
    "rapl": "Linux powercap: energy of the processor package and memory",
    "host": "the operating system: processor time and memory of the process",
}


def measured(runs):
    """Meter of the runs: dicts with `runs`, `backends`, `reasons`, most common first.

    backends: (name, what it reads) tuples; reasons: (name, why it was not read).
    """
    return [
        {
            "runs": names,
            "backends": [(name, BACKENDS.get(name, "")) for name in _backends(meter)],
            "reasons": sorted((meter.get("unavailable") or {}).items()),
        }
        for names, meter in _grouped(runs, "meter", ("backends", "unavailable"))
    ]


def _backends(meter):
    found = meter.get("backends") or []
    return [name for name in found if isinstance(name, str)]


def machines(runs):
    """Hardware and versions: dicts with `runs`, `hardware` and `versions` (dicts)."""
    return [
        {"runs": names, "hardware": _present(both[0]), "versions": _present(both[1])}
        for names, both in _grouped(runs, ("hardware", "versions"))
    ]


def _present(facts):
    """Facts with a name for readers; what is not there says so."""
    return {
        key.replace("_", " ").replace(" gib", ", GiB"): "none"
        if value is None
        else value
        for key, value in facts.items()
    }


def _grouped(runs, keys, parts=None):
    """(names of runs, facts they share), the largest group first."""
    groups = {}
    for run in runs:
        if run.info is not None:
            facts = _facts(run.info, keys, parts)
            text = json.dumps(facts, sort_keys=True, default=str)
            groups.setdefault(text, ([], facts))[0].append(run.name)
    return sorted(groups.values(), key=lambda group: -len(group[0]))


def _facts(info, keys, parts):
    if isinstance(keys, tuple):
        return [_dict(info.get(key)) for key in keys]
    whole = _dict(info.get(keys))
    return {part: whole[part] for part in parts if part in whole}


def _dict(value):
    return value if isinstance(value, dict) else {}


def overview(runs):
    """A row for each run: what was run, when, and what came out (text cells)."""
    rows = []
    for run in runs:
        info = run.info or {}
        config = _dict(info.get("config"))
        done = None if run.epochs is None else len(run.epochs)
        rows.append(
            {
                "Run": run.name,
                "Epochs": _of(done, config.get("epochs")),
                "Best epoch": _text(info.get("best_epoch")),
                "Training samples": _most(run.epochs, "train_samples"),
                "Test samples": "" if run.test is None else _text(run.test["samples"]),
                "Started (UTC)": _time(info.get("started")),
                "Finished (UTC)": _time(info.get("finished")),
                "Interruptions": _text(info.get("interruptions")),
                "Code": _text(info.get("code_digest")),
            }
        )
    return rows


def _of(done, wanted):
    if done is None:
        return ""
    return f"{done} of {wanted}" if wanted else str(done)


def _most(epochs, column):
    return "" if epochs is None else _text(epochs[column].max())


def _text(value):
    if value is None or pd.isna(value):
        return ""
    return f"{value:,.0f}" if isinstance(value, float) else str(value)


def _time(text):
    """A time stamp of run.json in UTC, to the minute: «2026-11-24 10:00»."""
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except (TypeError, ValueError):
        return _text(text)
    return f"{moment:%Y-%m-%d %H:%M}"
