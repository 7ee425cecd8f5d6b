"""What the runs were measured with, and on what machine."""

import json
from datetime import UTC, datetime

import pandas as pd

from spikewatt.results.conditions import conditions

# What of run.json's `meter` tells one way of measuring from another.
METER = ("backends", "unavailable", "measures", "definitions", "rate_hz")


def measured(runs):
    """Meter of the runs, the most common first: a list of dicts.

    runs: their names; backends: (name, what it measures) tuples; reasons: (name, why
    it was not measured); definitions: column → meaning; rate_hz: samples a second.
    """
    return [
        {
            "runs": names,
            "backends": [
                (name, _dict(meter.get("measures")).get(name, ""))
                for name in meter.get("backends") or []
            ],
            "reasons": [
                *sorted(_dict(meter.get("unavailable")).items()),
                *sorted(meter["refused"].items()),
            ],
            "definitions": _dict(meter.get("definitions")),
            "rate_hz": meter.get("rate_hz"),
        }
        for names, meter in _grouped(runs, _meter)
    ]


def _meter(info):
    meter = _dict(info.get("meter"))
    refused = _dict(_dict(meter.get("device")).get("refused"))
    return {**{key: meter[key] for key in METER if key in meter}, "refused": refused}


# Hardware; what the run was given of it; versions of software.
MACHINE = ("hardware", "conditions", "versions")


def machines(runs):
    """What runs ran on: dicts with `runs`, their names, and those of MACHINE, dicts."""
    return [
        {"runs": names, **{key: _present(facts[key]) for key in MACHINE}}
        for names, facts in _grouped(runs, _machine)
    ]


def _machine(info):
    facts = {key: _dict(info.get(key)) for key in MACHINE}
    return facts | {"conditions": _conditions(facts)}


def _conditions(facts):
    """What run.json tells of conditions and does not tell of the hardware already.

    `earlier` are those that another part of an interrupted run had.
    """
    given, known = facts["conditions"], facts["hardware"].keys()
    told = {
        key: given[key]
        for key in ("device", "threads")
        if key in given and not {key, f"{key}_used"} & known
    }
    earlier = [_dict(one) for one in given.get("earlier") or []]
    if earlier:
        parts = [", ".join(f"{k} {v}" for k, v in one.items()) for one in earlier]
        told["in part on"] = "; ".join(parts)
    return told


def _present(facts):
    """Facts with a name for readers; what is not there says so."""
    return {
        key.replace("_", " ").replace(" gib", ", GiB"): "none"
        if value is None
        else value
        for key, value in facts.items()
    }


def _grouped(runs, facts_of):
    """(names of runs, facts they share), the largest group first."""
    groups = {}
    for run in runs:
        if run.info is not None:
            facts = facts_of(run.info)
            text = json.dumps(facts, sort_keys=True, default=str)
            groups.setdefault(text, ([], facts))[0].append(run.name)
    return sorted(groups.values(), key=lambda group: -len(group[0]))


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
                "Computed on": conditions(run) or "",
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
