"""The paper's protocol as data: each setting, and whether the paper states it.

protocol.csv has a row for every setting of a run's plan (`workflow.plan.run_plan`), for
what the code fixes (`method.*`), for `loading` and for the sizes of the data. Its
columns: networks that it holds for («exp1/snn exp2/snn»); key, as in the flattened
plan; value, as JSON or a word; origin, «stated» in the paper or «chosen here»; why, the
paper's words or our reason; choice, the row of choices.csv that it belongs to, where
the paper is silent.
"""

import json
from dataclasses import dataclass
from functools import cache

from spikewatt import paper

STATED, CHOSEN = "stated", "chosen here"


@dataclass(frozen=True)
class Setting:
    """One setting of one network; key: «neuron.beta», «architecture.1.kernel»."""

    key: str
    value: object
    origin: str  # STATED or CHOSEN
    why: str
    choice: str


@cache
def settings():
    """All settings: «experiment/network» → key → `Setting`."""
    known = {"/".join(name): {} for name in paper.networks()}
    for row in paper.rows("protocol"):
        setting = Setting(
            row["key"], _value(row["value"]), row["origin"], row["why"], row["choice"]
        )
        for network in row["networks"].split():
            known[network][row["key"]] = setting
    return known


def of_network(experiment, network):
    """The settings of one network, key → `Setting`; empty for none of the paper's."""
    return settings().get(f"{experiment}/{network}", {})


def value(experiment, network, key):
    """What the protocol sets `key` to for a network; None where it does not say."""
    setting = of_network(experiment, network).get(key)
    return None if setting is None else setting.value


def _value(text):
    """A cell: a number, null, or else a word."""
    try:
        return json.loads(text)
    except ValueError:
        return text
