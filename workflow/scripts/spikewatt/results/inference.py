"""Single samples, one after the other: inference.csv of a run, read back.

What test.json says under `inference` goes with it: for each path its facts, `emulated`
among them. That is None, or a sentence on what the path's own precision was computed in
instead: its times are then those of that, and never the precision's own.
"""

from spikewatt.results import beside
from spikewatt.results.runs import RUN_COLUMNS, test_facts
from spikewatt.results.stages import INFERENCE

# The run's own stack, and the integer operations of ONNX Runtime.
OWN, ONNX = "own", "onnx_int8"
NUMBERS = [
    "samples",
    "repeats",
    "latency_median_ms",
    "latency_p95_ms",
    "window_s",
    "joules_per_sample",
    "cpu_s_per_sample",
]
COLUMNS = [*RUN_COLUMNS, "path", *NUMBERS]


def of_run(run):
    """The numbers of inference.csv by path, a row each; None if missing or damaged.

    Empty where the config asked for no single samples. `emulated` stands beside them:
    whether the row is no time of the network's own precision.
    """
    table = beside.read(run, INFERENCE.numbers, NUMBERS, words=("path",))
    if table is None:
        return None
    told = [emulated(run, path) is not None for path in table["path"]]
    return table.set_index("path").assign(emulated=told)


def facts(run, path):
    """What test.json says of a path, a dict; empty where it says nothing."""
    told = test_facts(run).get("inference")
    told = told.get(path) if isinstance(told, dict) else None
    return told if isinstance(told, dict) else {}


def emulated(run, path=OWN):
    """A sentence on what stands for the path's own precision, or None."""
    return facts(run, path).get("emulated")


def why_not(run, path=ONNX):
    """Why a path has no row, or None where nothing is said."""
    return facts(run, path).get("why_not")


def why_no_joules(run, path=OWN):
    """Why a path's row has no joules, or None where it has."""
    return facts(run, path).get("why_no_joules")
