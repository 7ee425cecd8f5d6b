"""From the config to the settings of one run, as one dict.

Snakemake compares parameters as a set of values, so that two swapped values go
unseen; one dict does not have that hole.
"""

from spikewatt.workflow import settings


def run_plan(config, experiment, network, stack=None):
    """All settings that decide the result of a run of `network`, but stack and seed.

    A network's own `neuron:`, `loss:`, `events:` and `training:` lie over the common
    ones. What does not concern it (β of a ReLU network, say) or `stack` is left out or
    None, so that changing it reruns nothing that it does not reach. Without a stack
    the plan has the settings of all stacks. On which device and with how many threads
    a run is computed (`train.machine.Conditions`), what the network is called and whom
    it is compared with, is no part of it.
    """
    setting = config["experiments"][experiment]
    chosen = setting["networks"][network]
    return {
        "experiment": experiment,
        "network": network,
        "dataset": chosen["dataset"],
        "resize": chosen.get("resize"),
        "frames": chosen.get("frames"),
        "events": settings.events(config, chosen),
        "architecture": config["architectures"][chosen["architecture"]],
        "neuron": settings.neuron(config, chosen),
        "weight_bits": chosen.get("weight_bits"),
        "from": settings.source(config, setting, chosen),
        "loss": settings.loss(config, chosen),
        "encoding": chosen.get("encoding"),
        "steps": chosen.get("steps"),
        # A conversion is a single one, in which nothing is learned.
        "epochs": 1 if chosen.get("from") else setting["epochs"],
        **settings.training(config, setting, chosen),
        "precision": None
        if stack == "reference"
        else settings.precision(config, chosen),
        "meter": settings.meter(config, stack),
    }
