"""A card's energy counter against its integrated power, idle and under load.

    python bench/gpu_energy.py --out results/gpu --seconds 10

Writes energy.csv: for each phase and sampling rate the joules of both, the counter's
over the integral's, mean power, and the uncertainties that the meter states. The
meters of all rates measure the same phases at once.
"""

import argparse
import contextlib
import tempfile
import time
from itertools import product
from pathlib import Path

import gpu_load
import pandas as pd
from paired import say, write_csv

from spikewatt.meter import Meter, device_lock
from spikewatt.results import stats
from spikewatt.train import machine

RATES, WAYS = (10, 20, 50), ("counter", "integral")
# What the card does, and over which period in s it does nothing half of the time.
LOADS = {"steady": None, "pulses of 1 s": 2.0, "pulses of 35 ms": 0.07}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="results/gpu")
    parser.add_argument("--seconds", type=float, default=10, help="of each phase")
    args = parser.parse_args()
    where = gpu_load.device()
    uuid = machine.device_uuid(where)
    with (
        tempfile.TemporaryDirectory() as folder,
        device_lock("cuda:0", uuid=uuid),
        contextlib.ExitStack() as stack,
    ):
        meters = {
            rate: stack.enter_context(opened(f"{folder}/{rate}.csv", rate, uuid))
            for rate in RATES
        }
        measure(meters, args.seconds)
        names = dict.fromkeys(one.name for one in meters[RATES[0]].phases)
        both = product(names, RATES)
        table = pd.DataFrame([row(meters[rate], rate, name) for name, rate in both])
    write_csv(Path(args.out) / "energy.csv", table)


def opened(path, rate, uuid):
    """A meter of the card that takes so many samples a second."""
    wait = gpu_load.synchronise
    return Meter(path, device="cuda:0", rate_hz=rate, synchronize=wait, uuid=uuid)


def measure(meters, seconds):
    """Idle, each load, and idle again, while the card is still warm."""
    once = gpu_load.work()
    for _ in range(3):
        once()
    with phase(meters, "idle"):
        time.sleep(seconds)
    for name, period in LOADS.items():
        with phase(meters, name):
            gpu_load.busy(once, seconds, period)
    with phase(meters, "idle, warm"):
        time.sleep(seconds)


@contextlib.contextmanager
def phase(meters, name):
    """A phase of all meters."""
    with contextlib.ExitStack() as stack:
        for meter in meters.values():
            stack.enter_context(meter.phase(name))
        yield


def row(meter, rate, name):
    """What a meter says of a phase."""
    known = meter.row((name,))
    counter, integral = (known[f"gpu_energy_{way}_j"] for way in WAYS)
    told = {
        "phase": name,
        "rate_hz": rate,
        "seconds": meter.phase_time(name),
        "mean_power_w": known["mean_gpu_power_w"],
        "counter_j": counter,
        "integral_j": integral,
        "counter_over_integral": stats.ratio(counter, integral),
        "energy_uncertainty_j": known["gpu_energy_uncertainty_j"],
        "power_standard_error_w": known["gpu_power_standard_error_w"],
        "missed_ticks": known["missed_ticks"],
        "flags": known["flags"],
    }
    say(told)
    return told


if __name__ == "__main__":
    main()
