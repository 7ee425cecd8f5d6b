"""What Figures 7 to 9 are to show of the plans; nothing here needs matplotlib."""

from spikewatt.data.catalogue import DATASETS
from spikewatt.network.describe import seen_shape


def drawings(labelled):
    """The different networks of an experiment, as Figures 7 to 9 draw them.

    labelled: (label, plan) of its networks (see `spikewatt.workflow.plan`). Networks
    with equal layers and input share a drawing. Returns a list of dicts: labels and
    neurons (lists), dataset (its title), input_shape, layers (as in config.yaml).
    """
    made = []
    for label, plan in labelled:
        dataset = DATASETS[plan["dataset"]]
        image = dataset.input_shape(plan["resize"], plan["events"])
        shape = list(seen_shape(image, frames=plan["frames"]))
        drawing = {
            "dataset": dataset.title,
            "input_shape": shape,
            "layers": plan["architecture"],
        }
        shared = [one for one in made if drawing.items() <= one.items()]
        if not shared:
            shared = [drawing | {"labels": [], "neurons": []}]
            made += shared
        shared[0]["labels"].append(label)
        kind = plan["neuron"]["kind"]
        if kind not in shared[0]["neurons"]:
            shared[0]["neurons"].append(kind)
    return made
