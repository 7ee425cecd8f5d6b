"""What Figures 7 to 9 are to show of the config; nothing here needs matplotlib."""

from spikewatt.data.catalogue import DATASETS
from spikewatt.network.describe import neuron_kind


def drawings(config, experiment):
    """The different networks of an experiment, as Figures 7 to 9 draw them.

    Networks with equal layers and input share a drawing. Returns a list of dicts:
    labels and neurons (lists), dataset (its title), input_shape, layers (as in
    config.yaml).
    """
    found = {}
    for setting in config["experiments"][experiment]["networks"].values():
        dataset = DATASETS[setting["dataset"]]
        shape = list(dataset.shape)
        if setting.get("resize"):
            shape[1:] = [setting["resize"]] * 2
        key = (setting["architecture"], tuple(shape))
        drawing = found.setdefault(
            key,
            {
                "labels": [],
                "neurons": [],
                "dataset": dataset.title,
                "input_shape": shape,
                "layers": config["architectures"][setting["architecture"]],
            },
        )
        drawing["labels"].append(setting["label"])
        kind = neuron_kind(setting["neuron"])
        if kind not in drawing["neurons"]:
            drawing["neurons"].append(kind)
    return list(found.values())
