"""Errors of the measured joules against the analytic energy of known power curves.

    python bench/meter_accuracy.py [--seconds 5]

The tests' fake NVML library plays each curve in real time, with readings renewed every
20 ms and a counter every 100 ms, as cards do. For each curve and sampling rate: the
error of the energy counter's difference and of the integrated samples, in %, and the
standard uncertainties that the meter itself states, in %.
"""

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "workflow" / "scripts"), str(ROOT / "tests" / "unit")]

from tabulate import tabulate  # noqa: E402

import fake_nvml  # noqa: E402

CURVES = {
    "constant": "constant 150",
    "ramp": "ramp 50 20",
    "square, slow (2 s)": "square 250 50 2",
    "square, fast (70 ms)": "square 250 50 0.07",
}
RATES = (10, 20, 50)

PROGRAM = """
import json, sys, time
from spikewatt.meter import Meter
with Meter(sys.argv[1], device="cuda:0", rate_hz=float(sys.argv[2])) as meter:
    with meter.phase("train"):
        time.sleep(float(sys.argv[3]))
    row, phase = meter.row(("train",)), meter.phases[0]
print(json.dumps({**row, "begin": phase.begin, "end": phase.end}))
"""


def measure(case, seconds):
    """A line of the table for (name of the curve, rate)."""
    name, rate = case
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "script"
        t0 = fake_nvml.write(script, f"curve {CURVES[name]}", "energy_update 0.1")
        row = fake_nvml.run(PROGRAM, script, [f"{folder}/t.csv", rate, seconds])
    expected = fake_nvml.joules(CURVES[name], row["begin"] - t0, row["end"] - t0)
    errors = [
        100 * (row[f"gpu_energy_{way}_j"] / expected - 1)
        for way in ("counter", "integral")
    ]
    stated = [
        100 * row["gpu_energy_uncertainty_j"] / expected,
        100 * row["gpu_power_standard_error_w"] / row["mean_gpu_power_w"],
    ]
    return [name, rate, expected, *errors, *stated, row["missed_ticks"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    cases = [(name, rate) for name in CURVES for rate in RATES]
    with ThreadPoolExecutor(3) as pool:
        lines = list(pool.map(lambda case: measure(case, options.seconds), cases))
    header = ["curve", "Hz", "J", "counter %", "integral %"]
    header += ["u(counter) %", "u(integral) %", "missed"]
    print(tabulate(lines, header, floatfmt=".2f", tablefmt="github"))


if __name__ == "__main__":
    main()
