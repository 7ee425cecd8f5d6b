"""What the benchmarks share: plans, timing in pairs, peak memory, tables."""

import json
import math
import os
import statistics
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

import numpy as np  # noqa: E402
import torch  # noqa: E402
import yaml  # noqa: E402

from spikewatt.compute import process  # noqa: E402
from spikewatt.files import atomic  # noqa: E402
from spikewatt.train import assembly, loop  # noqa: E402
from spikewatt.train.machine import Conditions  # noqa: E402
from spikewatt.workflow.plan import run_plan  # noqa: E402

STACKS = ("reference", "fast")
# Batches of a pass, by neuron and the kind of the first layer.
BATCHES = {
    ("relu", "linear"): 10,
    ("relu", "conv"): 10,
    ("lif", "linear"): 2,
    ("lif", "conv"): 1,
}
# A slice that is timed takes at least so long in the quicker of two ways.
SLICE_S = 0.3


def config():
    """The project's config."""
    return yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))


def networks():
    """The names of all networks, `experiment/network`."""
    return [
        f"{experiment}/{network}"
        for experiment, setting in config()["experiments"].items()
        for network in setting["networks"]
    ]


def add_options(parser, known=None):
    """The options that say on what a benchmark runs.

    known: names of networks that it can run; None: all.
    """
    known = list(known or networks())
    parser.add_argument("--datasets", required=True, help="folder of prepared datasets")
    parser.add_argument("--out", default="results/bench")
    parser.add_argument(
        *("--networks",),
        **{"nargs": "*", "choices": known, "metavar": "NAME"},
        help=f"of {', '.join(known)} (default: all)",
    )
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="auto")
    return parser


def plan_of(args, name, **changes):
    """The plan of `experiment/network`; `width` makes it two layers of that width."""
    width = changes.pop("width", None)
    if width:
        layers = [{"linear": width}, {"linear": width}, {"linear": 10}]
        changes["architecture"] = layers
    plan = run_plan(config(), *name.split("/"))
    return plan | changes


def built(args, plan, stack):
    """The `assembly.Setup` of a plan."""
    dataset = Path(args.datasets) / f"{plan['dataset']}.safetensors"
    conditions = Conditions(args.device, args.threads)
    return assembly.build(plan, dataset, stack, 0, "train", conditions)


def passes(args, plan, stack):
    """A function of (phase, times) that passes over some batches so many times.

    phase: train or infer. It returns seconds a batch, loading included. They
    are as many as make some tenths of a second, where the data has so many.
    """
    setup = built(args, plan, stack)
    optimiser = torch.optim.Adam(setup.network.parameters(), plan["learning_rate"])
    first = "conv" if "conv" in plan["architecture"][0] else "linear"
    most = plan["batch_size"] * BATCHES[plan["neuron"]["kind"], first]
    count = min(most, len(setup.data.split("train")))

    def run(phase, times=1, samples=None):
        training = phase == "train"
        indices = np.arange(min(count, samples or count))
        part = setup.stack.batches("train", indices, training)
        adam = optimiser if training else None
        one = partial(loop.one_pass, setup.stack, setup.objective, part, adam)
        return clocked(one, setup.device.type)(times) / len(part)

    return run


def clocked(step, device_type):
    """A function that runs `step` so many times and returns the seconds of one."""

    def several(times=1):
        start = time.perf_counter()
        for _ in range(times):
            step()
        synchronise(device_type)
        return (time.perf_counter() - start) / times

    return several


def synchronise(device_type):
    """Wait for a GPU."""
    if device_type == "cuda":
        torch.cuda.synchronize()


def turns(ways, repeats, seconds=math.inf):
    """{way: seconds in each turn}; all ways run once in a turn, the order alternates.

    ways: {name: function of a number of times that returns the seconds of one}. The
    first turn, which compiles and allocates, is not counted, but decides how many
    times make a slice. After three turns no new one starts once `seconds` have gone.
    """
    times = math.ceil(SLICE_S / min(timed(run, 1) for run in ways.values()))
    taken, start = {name: [] for name in ways}, time.perf_counter()
    for turn in range(repeats):
        if turn >= 3 and time.perf_counter() - start > seconds:
            break
        for name in list(ways)[:: -1 if turn % 2 else 1]:
            taken[name].append(ways[name](times))
    return taken


def timed(run, times):
    """Seconds that a call takes."""
    start = time.perf_counter()
    run(times)
    return time.perf_counter() - start


def ratio(slow, quick):
    """Median of the ratios within the turns, with the smallest and largest."""
    ratios = [a / b for a, b in zip(slow, quick, strict=True)]
    return {
        "ratio": statistics.median(ratios),
        "ratio_low": min(ratios),
        "ratio_high": max(ratios),
    }


class Worker:
    """A stack in a process of its own, as in the workflow, that times what it is told.

    peaks: {phase: peak memory in MB of the process after batches of that phase}.
    """

    def __init__(self, args, name, stack, **changes):
        asked = {"args": vars(args) | {"networks": None}, "name": name, "stack": stack}
        chosen = process.variables(stack, plan_of(args, name, **changes))
        self.process = subprocess.Popen(
            [sys.executable, __file__, json.dumps(asked | {"changes": changes})],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | chosen,
        )
        self.peaks = self._answer()

    def __call__(self, phase, times=1):
        """Seconds a batch, as `passes`."""
        self.process.stdin.write(json.dumps([phase, times]) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.communicate()

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"a benchmark's process ended: {self.process.args}")
        return json.loads(line)


def serve(args, name, stack, changes):
    """What a `Worker` has its process do."""
    plan = plan_of(args, name, **changes)
    process.keep_memory(stack)
    run, peaks = passes(args, plan, stack), {}
    for phase in ("infer", "train"):  # inference first: it needs less
        for _ in range(2):
            run(phase, samples=plan["batch_size"])
        peaks[phase] = round(_most_used(device(args)) / 1e6, 1)
    print(json.dumps(peaks), flush=True)
    for line in sys.stdin:
        print(json.dumps(run(*json.loads(line))), flush=True)


def _most_used(device_type):
    if device_type == "cuda":
        return torch.cuda.max_memory_allocated()
    # not ru_maxrss, which a child inherits from the process that started it
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def device(args):
    """cpu or cuda."""
    if args.device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return args.device


def write_csv(path, table):
    """Write a pandas table, whole or not at all."""
    with atomic.writing(path) as handle:
        table.to_csv(handle, index=False)


def save(figure, path):
    """Write a matplotlib figure, whole or not at all."""
    with atomic.placing(path) as temporary:
        figure.savefig(temporary)


def say(row):
    """Show a row of a table as it is found."""
    print(row, file=sys.stderr, flush=True)


if __name__ == "__main__":
    from types import SimpleNamespace

    asked = json.loads(sys.argv[1])
    asked["args"] = SimpleNamespace(**asked["args"])
    serve(**asked)
