"""Runs made with other settings, or of other data, than those beside them."""

from spikewatt.results.notes import Note

# What a run is called decides nothing about its result. Device and threads stood among
# the settings once: they are conditions (see `results.conditions`).
IGNORED = ("label", "device", "threads")
# What concerns one stack alone: None in the runs of the other, and in plans that are
# made for that one alone.
OF_ONE_STACK = ("precision", "loading", "meter.first_epoch")


class SettingsMismatch(ValueError):
    """Results that were made with other settings than they should have."""


def setting_mismatches(runs, plans=None):
    """Settings in which runs differ from their plan, or seeds from each other.

    plans: «experiment/network» → the settings that the runs should have, as they stand
    under `config` in run.json; where a network has none, its first run is the measure.
    The data of a network's runs, and the settings it was prepared with, are measured
    by its first run. Returns sentences, one for each differing key:
    «exp1/snn/reference/seed1: learning_rate is 0.01 instead of 0.001». Runs without
    run.json are passed over.
    """
    plans, firsts, sentences = plans or {}, {}, []
    for run in runs:
        if (run.info or {}).get("config") is None:
            continue
        network = f"{run.experiment}/{run.network}"
        first = firsts.setdefault(network, run)
        as_first = f" as in {first.name}"
        plan = plans.get(network)
        wanted, origin = (plan, "") if plan else (first.info["config"], as_first)
        differing = _unlike(run.info["config"], wanted, origin)
        if all("data_digest" in one.info for one in (run, first)):
            differing += _unlike(_data(run), _data(first), as_first)
        sentences += [f"{run.name}: {difference}" for difference in differing]
    return sentences


def mismatches(runs, plans=None, partial=False):
    """Notes on runs made with other settings, if `partial`; else they are refused.

    Raises SettingsMismatch. Otherwise as `setting_mismatches`.
    """
    if not partial:
        refuse_mismatches(runs, plans)
        return []
    return [Note("settings", f"{told}.") for told in setting_mismatches(runs, plans)]


def refuse_mismatches(runs, plans=None):
    """Raise SettingsMismatch with the differing keys, if there are any."""
    sentences = setting_mismatches(runs, plans)
    if sentences:
        raise SettingsMismatch(
            "These results were made with another config:\n  "
            + "\n  ".join(sentences)
            + "\nRun Snakemake for these runs to renew them, give `results:` another "
            "folder, or show them as they are with allow_missing=true."
        )


ABSENT = object()


def _data(run):
    """What the run's data came from, and its digest."""
    return {"data": {**run.info.get("data", {}), "digest": run.info["data_digest"]}}


def _unlike(is_, should, origin):
    """«key is 1 instead of 2» and `origin` for each key that differs."""
    return [
        f"{key} is {_show(left)} instead of {_show(right)}{origin}"
        for key, left, right in _differences(is_, should)
    ]


def _differences(is_, should, prefix=""):
    """(key, value, wanted value) of all leaves that differ; keys as «meter.idle_s»."""
    differing = []
    for key in sorted(is_.keys() | should.keys()):
        name = f"{prefix}{key}"
        left, right = is_.get(key, ABSENT), should.get(key, ABSENT)
        if isinstance(left, dict) and isinstance(right, dict):
            differing += _differences(left, right, f"{name}.")
        elif name not in IGNORED and left != right and not _apart(name, left, right):
            differing.append((name, left, right))
    return differing


def _apart(name, *values):
    """Whether `name` is a setting that one of the two has no use for."""
    return name in OF_ONE_STACK and any(value in (None, ABSENT) for value in values)


def _show(value):
    return "not set" if value is ABSENT else repr(value)
