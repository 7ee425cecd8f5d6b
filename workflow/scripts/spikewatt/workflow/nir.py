"""What `snakemake nir` can export of a config, known before any job starts."""

import importlib.util

from spikewatt.network import expressible
from spikewatt.workflow import settings

NONE_THERE = (
    "none of the networks that NIR can express is trained, and with allow_missing "
    "none will be: leave allow_missing out"
)
COMMAND = "pip install --no-deps -r {}"


def refused(config, experiment, network):
    """Why NIR cannot express a network of a sound config; sentences, or none."""
    chosen = config["experiments"][experiment]["networks"][network]
    layers = config["architectures"][chosen["architecture"]]
    return expressible.refusals(settings.neuron(config, chosen), layers)


def told(name, sentences):
    """A paragraph on one network, as «exp2/snn», that is not exported."""
    return "\n".join([f"{name} has no NIR file:", *(f"  {one}" for one in sentences)])


def missing_package(requirements):
    """What to do where the package nir is not installed; None where it is.

    requirements: the path of envs/nir.txt.
    """
    if importlib.util.find_spec("nir") is not None:
        return None
    return (
        "writing NIR files needs the package nir, which is not installed here: "
        f"{COMMAND.format(requirements)}, or add --sdm conda"
    )
