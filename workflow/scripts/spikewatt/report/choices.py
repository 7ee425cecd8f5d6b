"""Where the paper is silent: what was chosen, and what the runs at hand really have."""

from spikewatt import paper
from spikewatt.paper import protocol
from spikewatt.results.protocol import deviations, settings_of, shown

AS_CHOSEN, NOT_RUN = "as chosen", "not run"


def rows(runs):
    """The rows of choices.csv, each with `here`: what these runs have in its place.

    «as chosen», «not run», or other values with their networks: «5 in exp1/snn».
    """
    found, present = {}, set()
    for run in runs:
        settings = protocol.of_network(run.experiment, run.network)
        made = settings_of(run)
        if made:  # it was run, and says how
            present |= {setting.choice for setting in settings.values()}
        for one in deviations(made, run.experiment, run.network):
            if one.key in settings and settings[one.key].choice:
                values = found.setdefault(settings[one.key].choice, {})
                networks = values.setdefault(_value(one), {})
                networks[f"{run.experiment}/{run.network}"] = None
    return [row | {"here": _here(row["open"], found, present)} for row in _choices()]


def _choices():
    return [dict(row) for row in paper.rows("choices")]


def _value(deviation):
    """A value for people; that of a layer, of which there are many, with its key."""
    if deviation.key.startswith("architecture."):
        return f"{deviation.key} {shown(deviation.here)}"
    return shown(deviation.here)


def _here(choice, found, present):
    if choice in found:
        return "; ".join(
            f"{value} in {', '.join(networks)}"
            for value, networks in found[choice].items()
        )
    tied = {setting["choice"] for setting in paper.rows("protocol")}
    return AS_CHOSEN if choice in present or choice not in tied else NOT_RUN
