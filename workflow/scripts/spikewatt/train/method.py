"""What the code fixes of how a network is trained: recorded in run.json as `method`.

None of it can be set; each is written down so that a reader of the results need not
read the code. `paper/protocol.csv` holds what the paper says of them.
"""

from pathlib import Path

from spikewatt.data.catalogue import DATASETS
from spikewatt.network.describe import is_spiking
from spikewatt.train import seeds

SCALING = {"images": "0_to_1", "events": "event_counts"}


def facts(plan):
    """The fixed parts of a network's method, as a dict of words."""
    kind = DATASETS[plan["dataset"]].kind
    converted = plan["from"] is not None
    over_time = converted and any(map(_takes_the_largest, plan["architecture"]))
    return {
        "optimiser": "none" if converted else "adam",
        "initial_weights": "converted" if converted else "kaiming_normal",
        "pooling": "largest_sum_before_neuron" if over_time else "before_neuron",
        "scaling": "of_largest_count" if plan["frames"] else SCALING[kind],
        "readout": "most_spikes" if is_spiking(plan) else "largest_logit",
    }


def _takes_the_largest(entry):
    return entry.get("pool", 1) > 1 and entry.get("pooling", "max") == "max"


def seeds_used(seed):
    """What each stream of random numbers was seeded with, of training and of testing.

    A stage → purpose → seed, as text: 63 bits are more than JSON's numbers hold.
    """
    return {
        stage: {
            purpose: str(seeds.derived(seed, seeds.named(purpose, stage)))
            for purpose in seeds.PURPOSES
        }
        for stage in ("train", "test")
    }


def source(dataset):
    """Where prepared data came from: «official», «local» or «sample».

    dataset: the path of a prepared file, resources/<source>/datasets/<name>; None for
    one that lies elsewhere.
    """
    folder = Path(dataset).resolve().parent
    return folder.parent.name if folder.name == "datasets" else None
