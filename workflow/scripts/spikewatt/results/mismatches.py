"""Runs that do not belong together: made with other settings than the config says."""

# What a run is called decides nothing about its result.
IGNORED = ("label",)
# What concerns the fast stack alone: None in the runs of the other, and in plans that
# are made for that one alone.
OF_ONE_STACK = ("precision",)


class ConfigConflict(ValueError):
    """Results that were made with another config."""


def config_conflicts(runs, plans=None):
    """Settings in which runs differ from their plan, or seeds from each other.

    plans: «experiment/network» → the settings that the runs should have, as they stand
    under `config` in run.json; where a network has none, its first run is the measure.
    Returns sentences, one for each differing key: «exp1/snn/reference/seed1:
    learning_rate is 0.01 instead of 0.001». Runs without run.json are passed over.
    """
    plans, found = plans or {}, []
    measures = {}
    for run in runs:
        config = (run.info or {}).get("config")
        if config is None:
            continue
        network = f"{run.experiment}/{run.network}"
        default = (config, f" as in {run.name}")
        plan = plans.get(network)
        wanted, origin = measures.setdefault(network, (plan, "") if plan else default)
        found += [
            f"{run.name}: {key} is {_show(is_)} instead of {_show(should)}{origin}"
            for key, is_, should in _differences(config, wanted)
        ]
    return found


def refuse_conflicts(runs, plans=None):
    """Raise ConfigConflict with the differing keys, if there are any."""
    found = config_conflicts(runs, plans)
    if found:
        raise ConfigConflict(
            "These results were made with another config:\n  "
            + "\n  ".join(found)
            + "\nRun Snakemake again without allow_missing to renew them, or give "
            "`results:` another folder."
        )


ABSENT = object()


def _differences(is_, should, prefix=""):
    """(key, value, wanted value) of all leaves that differ; keys as «meter.idle_s»."""
    found = []
    for key in sorted(is_.keys() | should.keys()):
        name = f"{prefix}{key}"
        left, right = is_.get(key, ABSENT), should.get(key, ABSENT)
        if isinstance(left, dict) and isinstance(right, dict):
            found += _differences(left, right, f"{name}.")
        elif name not in IGNORED and left != right and not _apart(name, left, right):
            found.append((name, left, right))
    return found


def _apart(name, *values):
    """Whether `name` is a setting that one of the two has no use for."""
    return name in OF_ONE_STACK and any(value in (None, ABSENT) for value in values)


def _show(value):
    return "not set" if value is ABSENT else repr(value)
