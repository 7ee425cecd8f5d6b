"""Plans of the six networks for tests, from config.yaml, on made-up data."""

from pathlib import Path

import yaml

import made_data
from spikewatt.train.machine import Conditions
from spikewatt.workflow.plan import run_plan

CONFIG = yaml.safe_load(
    (Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8")
)
CONDITIONS = Conditions(threads=1)
NETWORKS = [
    (experiment, network)
    for experiment, setting in CONFIG["experiments"].items()
    for network in setting["networks"]
]
# The spiking neuron of the config, as it stands in a plan.
NEURON = run_plan(CONFIG, "exp1", "snn")["neuron"]


def plan(experiment, network, **changes):
    """The plan of a network with a few time steps and small batches."""
    made = run_plan(CONFIG, experiment, network) | {"batch_size": 8}
    if made["steps"]:
        made["steps"] = 4
    quiet = {"rate_hz": 20, "idle_s": 0, "first_epoch": "warm", "warmup_batches": 1}
    return made | {"meter": quiet} | changes


def data(plan):
    """Made-up data of the shape that the plan's network takes."""
    if plan["dataset"] == "nmnist":
        return made_data.MadeEvents()
    shape = (3, 32, 32) if plan["dataset"] == "cifar10" else (1, 28, 28)
    if plan["resize"]:
        shape = (shape[0], plan["resize"], plan["resize"])
    return made_data.MadeImages(shape=shape)
