"""Inference as it is used, a sample at a time: inference.csv of a run, read back.

It has a row for each path that was measured: the run's own, and the int8 path of ONNX
Runtime. Where a run's own path only imitates a precision in float32, its time and
energy are not that precision's, and never stand for it.
"""

from spikewatt.results import beside
from spikewatt.results.runs import test_facts

FILE = "inference.csv"
OWN, INT8 = "own", "onnx_int8"
COLUMNS = [
    "latency_median_ms",
    "latency_p95_ms",
    "joules_per_sample",
    "cpu_s_per_sample",
]
WHY_MISSING = f"no whole {FILE} lies beside its test: not measured sample by sample"
WHY_EMULATED = (
    "its own path computes in float32 what stands for fewer bits, and its int8 path "
    "was not measured: no time or energy stands for it"
)


def of_run(run):
    """Column → number of the path that counts, and its name as «path».

    Empty where it was not measured.
    """
    table = beside.read(run, FILE, COLUMNS, words=("path",))
    if table is None:
        return {}
    rows = table[table["path"] == path_of(run)]
    return {} if rows.empty else rows.iloc[0].to_dict()


def path_of(run):
    """The path whose time is that of the run's precision."""
    return INT8 if emulated(run) else OWN


def emulated(run):
    """Whether a run's own path imitates a precision that it does not compute in.

    So does a network of few levels or of weights of few bits, and the roundings of the
    fast stack on a CPU (see docs/FAST.md).
    """
    config = (run.info or {}).get("config") or {}
    neuron = config.get("neuron")
    levels = isinstance(neuron, dict) and neuron.get("kind") == "qcfs"
    return levels or config.get("weight_bits") is not None or _rounded(run, config)


def why_empty(run):
    """Why `of_run` is empty, in a few words; None where it is not."""
    if of_run(run):
        return None
    if beside.read(run, FILE, COLUMNS, words=("path",)) is None:
        return WHY_MISSING
    return WHY_EMULATED if emulated(run) else WHY_MISSING


def _rounded(run, config):
    device = str((test_facts(run).get("conditions") or {}).get("device", "cpu"))
    rounds = config.get("precision") not in (None, "float32")
    return rounds and not device.startswith("cuda")
