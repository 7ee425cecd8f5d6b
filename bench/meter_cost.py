"""What measuring costs: training slowed down, and the meter's share of a core.

    python bench/meter_cost.py [--pairs 200] [--seconds 0.15] [--rate 20] [--fake]

One meter runs throughout; in turn its process is halted and let go on, and a short
piece of training is timed each way. The order within each pair is drawn by lot. Shown
are the median ratio with / without over all pairs, its 95 % interval by bootstrap and
the quartiles; by the clock, and by the CPU time of the training process, which other
processes disturb less. --fake measures the tests' fake NVML library, so that a GPU's
calls are in the cost where there is none. --out keeps it as meter_cost.csv in a folder.
"""

import argparse
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "workflow" / "scripts"), str(ROOT / "tests" / "unit")]

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import torch  # noqa: E402
from paired import write_csv  # noqa: E402

import fake_nvml  # noqa: E402
from spikewatt.meter import Meter  # noqa: E402


def workload(device):
    """A function that trains a small network for so many steps; returns its seconds."""
    torch.manual_seed(0)
    network = torch.nn.Sequential(
        torch.nn.Linear(784, 256), torch.nn.ReLU(), torch.nn.Linear(256, 10)
    ).to(device)
    optimiser = torch.optim.Adam(network.parameters())
    images = torch.rand(128, 784, device=device)
    labels = torch.randint(10, (128,), device=device)

    def train(steps):
        begin = time.perf_counter(), time.process_time()
        for _ in range(steps):
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(network(images), labels).backward()
            optimiser.step()
        if device == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter() - begin[0], time.process_time() - begin[1]

    return train


def ratios(train, steps, pairs, sampler):
    """Two lists of ratios with / without, pair by pair: clock, and CPU time."""
    random.seed(0)
    pairwise = []
    for _ in range(pairs):
        times = {}
        for metered in random.sample([True, False], 2):
            os.kill(sampler, signal.SIGCONT if metered else signal.SIGSTOP)
            times[metered] = train(steps)
        pairwise.append([a / b for a, b in zip(times[True], times[False], strict=True)])
    os.kill(sampler, signal.SIGCONT)
    return list(zip(*pairwise, strict=True))


def interval(values):
    """95 % interval of the median by bootstrap."""
    generator = np.random.default_rng(0)
    draws = generator.choice(values, (5000, len(values)))
    return np.percentile(np.median(draws, axis=1), [2.5, 97.5])


def sampler_share(sampler, seconds):
    """The sampler's share of a core, by its own CPU clock."""
    before = _cpu_seconds(sampler)
    time.sleep(seconds)
    return (_cpu_seconds(sampler) - before) / seconds


def _cpu_seconds(pid):
    """CPU seconds of a process, to a nanosecond where the kernel keeps them so."""
    try:
        text = Path(f"/proc/{pid}/schedstat").read_text()
        return int(text.split()[0]) / 1e9
    except (OSError, ValueError):
        import psutil

        return sum(psutil.Process(pid).cpu_times()[:2])


def summary(what, values):
    """A row about paired ratios."""
    quarter, three = np.percentile(values, [25, 75])
    low, high = interval(values)
    row = {"what": f"{what}, with / without", "median": statistics.median(values)}
    return row | {"low": low, "high": high, "quartile_1": quarter, "quartile_3": three}


def show(table):
    """The rows in words."""
    for row in table:
        print(
            "{what}: median {median:.4f} (95 % {low:.4f} to {high:.4f}), "
            "quartiles {quartile_1:.4f} and {quartile_3:.4f}".format(**row)
            if "low" in row
            else "{what}: {median:.4f}".format(**row)
        )


def measured(options, gpu):
    """Rows: what the meter costs training, and its process's share of a core."""
    train = workload("cuda" if gpu else "cpu")
    train(20)
    steps = max(1, int(options.seconds / (train(50)[0] / 50)))
    print(f"{options.pairs} pairs of {steps} steps, {options.rate:g} samples a second")
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/telemetry.csv"
        device = "cuda:0" if gpu or options.fake else "cpu"
        with Meter(path, device=device, rate_hz=options.rate) as meter:
            sampler = meter.sampler_pid
            clock, cpu = ratios(train, steps, options.pairs, sampler)
            share = sampler_share(sampler, options.share)
    what = "the meter's process, of a core"
    return [
        summary("clock", clock),
        summary("CPU time", cpu),
        {"what": what, "median": share},
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=0.15)
    parser.add_argument("--rate", type=float, default=20.0)
    parser.add_argument("--share", type=float, default=10, help="s for the share")
    parser.add_argument("--fake", action="store_true")
    parser.add_argument("--out")
    options = parser.parse_args()
    if options.fake and "FAKE_NVML" not in os.environ:
        script = Path(tempfile.mkdtemp()) / "script"
        fake_nvml.write(script)
        environment = fake_nvml.environment(script)
        os.execve(sys.executable, [sys.executable, *sys.argv], environment)
    rows = measured(options, torch.cuda.is_available())
    show(rows)
    if options.out:
        write_csv(Path(options.out) / "meter_cost.csv", pd.DataFrame(rows))


if __name__ == "__main__":
    main()
