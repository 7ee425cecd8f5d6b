"""A trained run as a NIR file, for those who have a chip.

From the run's own files: its settings are those of run.json, so that a file fits its
weights whatever the config has become since.
"""

import json
from pathlib import Path

import nir
import numpy as np
from safetensors.numpy import load_file

import spikewatt
from spikewatt.data.catalogue import DATASETS
from spikewatt.files import atomic, contents
from spikewatt.network import expressible, nir_graph
from spikewatt.network.describe import describe, seen_shape
from spikewatt.network.neuron.settings import Neuron

DISCRETISATION = (
    "forward Euler: v[t] = (1 - dt/tau) v[t-1] + (dt/tau) r i[t]; a spike where "
    "v[t] > v_threshold, then v[t] = v_reset = 0"
)
FEEDING = {
    "rate": "a pixel of intensity p in [0, 1] spikes at each step with probability p",
    "latency": "a pixel spikes once, the earlier the brighter (snnTorch, linear)",
    "delta": "a pixel spikes once, in the first step, where it is above 0.1",
    "direct": "the pixels' values in [0, 1], in each step",
    "events": "how many events each pixel had in a bin, polarities as channels",
}


def export(model, facts, output):
    """Write the run of the weights `model` and of run.json `facts` to `output`.

    Raises ValueError where both do not belong together, or NIR cannot express it.
    """
    told = json.loads(Path(facts).read_text(encoding="utf-8"))
    require_own(model, facts, told)
    plan = told["config"]
    refused = expressible.refusals(plan["neuron"], plan["architecture"])
    if refused:
        raise ValueError(f"{facts}: NIR cannot express it. {'. '.join(refused)}")
    layers = describe(plan["architecture"], input_shape(plan), plan["neuron"]["kind"])
    weights = multiplied(load_file(model), len(layers), plan["precision"])
    neuron = Neuron.of(plan["neuron"])
    made = nir_graph.graph(layers, weights, neuron, metadata(told))
    with atomic.placing(output) as path:
        nir.write(path, made)


def require_own(model, facts, told):
    """Raise ValueError where `model` is not what run.json vouches for."""
    if told["outputs"][Path(model).name] != contents.sha256(model):
        raise ValueError(
            f"{model} was changed after its run wrote it, as {facts} says; "
            f"snakemake --cores 1 --force {model} makes it anew"
        )


def input_shape(plan):
    """(channels, height, width) of what the network of a plan sees at a time step."""
    dataset = DATASETS[plan["dataset"]]
    return seen_shape(dataset.input_shape(plan["resize"], plan["events"]))


def multiplied(tensors, count, precision):
    """[(weight, bias)] of the layers, float32, as inputs meet them.

    tensors: as in model.safetensors; precision: the plan's. What the fast stack rounds
    in every product is rounded here once.
    """
    round_to = _rounding(precision)
    return [
        tuple(
            np.ascontiguousarray(values, np.float32)
            for values in (
                round_to(tensors[f"weights.{number}.weight"]),
                tensors[f"weights.{number}.bias"],
            )
        )
        for number in range(count)
    ]


def _rounding(precision):
    """What a precision makes of weights: an array to an array."""
    if precision in (None, "float32"):
        return lambda weight: weight
    import torch  # takes seconds

    from spikewatt.stack.fixed_point import DIGITS, FixedPoint
    from spikewatt.stack.precision import BITS, rounded

    def round_to(weight):
        given = torch.from_numpy(weight)
        if precision in DIGITS:
            return FixedPoint.of(given, DIGITS[precision]).values().numpy()
        return rounded(given, BITS[precision]).numpy()

    return round_to


def metadata(told):
    """What a file says beside its graph; texts and numbers, as HDF5 takes them.

    told: run.json. `steps` is left out where recordings bring their own.
    """
    plan = told["config"]
    encoding = plan["encoding"] or "events"
    events = {f"events_{key}": value for key, value in (plan["events"] or {}).items()}
    identity = {key: told[key] for key in ("experiment", "network", "stack", "seed")}
    known = {
        "time_step_s": nir_graph.TIME_STEP_S,
        "discretisation": DISCRETISATION,
        "reset": plan["neuron"]["reset"],
        "beta": plan["neuron"]["beta"],
        "threshold": plan["neuron"]["threshold"],
        "encoding": encoding,
        "input": FEEDING[encoding],
        "steps": plan["steps"],
        "readout": "the class of the most output spikes over all steps",
        "dataset": plan["dataset"],
        "resize": plan["resize"],
        **events,
        "classes": json.dumps(DATASETS[plan["dataset"]].classes, ensure_ascii=False),
        "precision": plan["precision"] or "float32",
        "spikewatt": spikewatt.__version__,
        "trained_with": told["spikewatt"],
        "run": told["identity"],
        "model_sha256": told["outputs"]["model.safetensors"],
        **identity,
    }
    return {name: value for name, value in known.items() if value is not None}
