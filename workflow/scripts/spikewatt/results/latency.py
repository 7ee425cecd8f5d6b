"""Inference as it is used, a sample at a time: inference.csv of a run, read back.

It has a row for each path that was measured: the run's own, and the int8 path of ONNX
Runtime. Where a run's own path only imitates a precision in float32, its time and
energy are not that precision's, and never stand for it.
"""

from spikewatt.results import inference
from spikewatt.results.conditions import ON_CPU, device_of
from spikewatt.results.inference import ONNX, OWN
from spikewatt.results.runs import test_facts
from spikewatt.results.stages import INFERENCE

FILE = INFERENCE.numbers
WHY_MISSING = f"no whole {FILE} lies beside its test: not measured sample by sample"
WHY_NONE = "no single samples were measured"
FEWER_BITS = "its own path computes in float32 what stands for fewer bits"
WHY_EMULATED = (
    "{}, and its int8 path was not measured{}: no time or energy stands for it"
)


def of_run(run):
    """Column → number of the path that counts; empty where it was not measured."""
    table, path = inference.of_run(run), path_of(run)
    return {} if table is None or path not in table.index else table.loc[path].to_dict()


def path_of(run):
    """The path whose time is that of the run's precision."""
    return ONNX if emulated(run) else OWN


def emulated(run):
    """What a run's own path computes in the place of its precision; None if nothing.

    As test.json says (`inference: own: emulated`), or by its settings where that says
    nothing: a network of few levels or of weights of few bits, and the roundings of the
    fast stack on a CPU (see docs/FAST.md).
    """
    told = inference.facts(run, OWN)
    if "emulated" in told:
        return told["emulated"]
    config = (run.info or {}).get("config") or {}
    neuron = config.get("neuron")
    levels = isinstance(neuron, dict) and neuron.get("kind") == "qcfs"
    few = levels or config.get("weight_bits") is not None or _rounded(run, config)
    return FEWER_BITS if few else None


def why_empty(run):
    """Why `of_run` is empty, in a few words; None where it is not."""
    if of_run(run):
        return None
    if (table := inference.of_run(run)) is None:
        return WHY_MISSING
    instead = emulated(run)
    if instead is None or table.empty:
        return WHY_NONE
    why = inference.why_not(run)
    return WHY_EMULATED.format(instead, f" ({why})" if why else "")


def why_no_joules(run):
    """Why the path that counts has no joules, as test.json says it; else None."""
    return inference.why_no_joules(run, path_of(run))


def _rounded(run, config):
    rounds = config.get("precision") not in (None, "float32")
    return rounds and device_of(test_facts(run)) == ON_CPU
