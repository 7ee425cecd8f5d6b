"""From the config to the settings of one run, as one flat dict.

Snakemake compares parameters as a set of values, so that two swapped values go
unseen; one dict does not have that hole.
"""


def run_plan(config, experiment, network, stack=None):
    """All settings that decide the result of a run of `network`, but stack and seed.

    Device and threads are conditions (`train.machine.Conditions`), no settings.

    `training:` of the experiment and of the network lie over the common one. What
    does not concern the network (β of a ReLU network, say) or `stack` is None, so that
    changing it reruns nothing that it does not reach. Without a stack the plan has the
    settings of all stacks.
    """
    setting = config["experiments"][experiment]
    chosen = setting["networks"][network]
    training = {
        **config["training"],
        **setting.get("training", {}),
        **chosen.get("training", {}),
    }
    spiking = chosen["neuron"] == "lif"
    return {
        "experiment": experiment,
        "network": network,
        "label": chosen["label"],
        "dataset": chosen["dataset"],
        "resize": chosen.get("resize"),
        "architecture": config["architectures"][chosen["architecture"]],
        "neuron": _neuron(config) if spiking else {"kind": "relu"},
        "encoding": chosen.get("encoding"),
        "steps": chosen.get("steps"),
        "epochs": setting["epochs"],
        "loss": _loss(config) if spiking else {"kind": "cross_entropy"},
        **training,
        "precision": None if stack == "reference" else config["precision"],
        "meter": config["meter"],
    }


def _neuron(config):
    """The spiking neuron, with snnTorch's surrogate and reset where none is chosen."""
    return {
        "kind": "lif",
        "surrogate": {"kind": "atan", "alpha": 2.0},
        "reset": "subtract",
        **config["neuron"],
    }


def _loss(config):
    return {"kind": "count_mse", **config["loss"]}
