"""The meter as a tool on its own.

    python -m spikewatt.meter --list
    python -m spikewatt.meter --out results/try -- python train.py --epochs 3

The command keeps its input, output and exit status; the summary goes to standard error.
"""

import argparse
import contextlib
import csv
import os
import signal
import subprocess
import sys
import time

from spikewatt.files import atomic
from spikewatt.meter import backends
from spikewatt.meter.errors import MeterError
from spikewatt.meter.lock import device_lock
from spikewatt.meter.meter import IDLE, Meter
from spikewatt.meter.target import ProcessTree, Target

PHASE = "command"
NOT_FOUND, NOT_ALLOWED, OWN_FAILURE = 127, 126, 125


def main(arguments=None):
    """Run the tool; returns the exit status: the command's, or 125 to 127 as env's."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    command = options.command[options.command[:1] == ["--"] :]
    if options.list:
        print(listing(options.device))
        return 0
    if not command:
        parser.error("give a command after --, or --list")
    try:
        return measure(command, options)
    except MeterError as error:
        print(f"spikewatt.meter: {error}", file=sys.stderr)
        return OWN_FAILURE


def make_parser():
    """The command line's options."""
    parser = argparse.ArgumentParser(
        prog="python -m spikewatt.meter",
        description="Measure power, energy, memory and CPU time of a command.",
        usage="%(prog)s [options] -- COMMAND …\n       %(prog)s --list",
    )
    add = parser.add_argument
    add("--list", action="store_true", help="say what this machine can measure")
    add(
        "--out",
        default="meter",
        metavar="PREFIX",
        help="write PREFIX_telemetry.csv, PREFIX_summary.csv and PREFIX_summary.json "
        "(default: %(default)s)",
    )
    add("--rate", type=float, default=20.0, metavar="HZ", help="samples a second (20)")
    add("--device", help="cuda:<index>, or cpu for no GPU (default: the first GPU)")
    add(
        "--idle",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="idle this long first, for the energy above idle (0)",
    )
    add("command", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser


def listing(device=None):
    """What this machine can measure, and why not the rest, as text."""
    target = Target(os.getpid(), device=device)
    opened, unavailable = backends.open_all(target, ProcessTree(target))
    lines = []
    for backend in opened:
        facts = backend.facts()
        lines += [f"{backend.name}: measures {backend.measures}"]
        if "name" in facts:
            lines += [f"    {facts['name']}, {facts['uuid']}, driver {facts['driver']}"]
        for domain, where in facts.get("domains", {}).items():
            lines += [f"    {domain}: {where['path']}"]
        for reading, reason in facts.get("refused", {}).items():
            lines += [f"    not {reading}: {reason}"]
    lines += [f"{name}: not here: {reason}" for name, reason in unavailable.items()]
    return "\n".join(lines)


def measure(command, options):
    """Measure `command`, write the files, print the summary; returns its status."""
    target = Target(os.getpid(), include_root=False, device=options.device)
    meter = Meter(f"{options.out}_telemetry.csv", rate_hz=options.rate, target=target)
    with device_lock(options.device), meter:
        if options.idle > 0:
            with meter.phase(IDLE):
                time.sleep(options.idle)
        with meter.phase(PHASE):
            status = run(command)
        row = meter.row((PHASE,))
        described = meter.describe()
    write(options.out, command, status, row, described)
    print(summary(command, status, row, described), file=sys.stderr)
    return status


def run(command):
    """Run a command as a shell would; returns its exit status.

    An interrupt goes to the command, which decides; a termination is passed on.
    """
    try:
        process = subprocess.Popen(command)
    except FileNotFoundError:
        print(f"spikewatt.meter: {command[0]}: no such command", file=sys.stderr)
        return NOT_FOUND
    except OSError as error:
        print(f"spikewatt.meter: {command[0]}: {error.strerror}", file=sys.stderr)
        return NOT_ALLOWED
    with (
        handled(signal.SIGINT, signal.SIG_IGN),
        handled(signal.SIGTERM, lambda *_: process.terminate()),
    ):
        status = process.wait()
    return status if status >= 0 else 128 - status


@contextlib.contextmanager
def handled(number, handler):
    """Have a signal handled by `handler` within the block."""
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)


def write(prefix, command, status, row, described):
    """PREFIX_summary.csv (one row) and PREFIX_summary.json (with the description)."""
    with atomic.writing(f"{prefix}_summary.csv") as handle:
        table = csv.DictWriter(handle, row, lineterminator="\n")
        table.writeheader()
        table.writerow(row)
    summary = {"command": command, "exit_status": status, "row": row}
    atomic.write_json(f"{prefix}_summary.json", {**summary, "meter": described})


def summary(command, status, row, described):
    """The measured numbers as text; what was not measured is named with its reason."""
    from spikewatt.meter.flags import told

    lines = [f"spikewatt.meter: {' '.join(command)} (exit status {status})"]
    for name, value in row.items():
        if isinstance(value, int | float):
            lines.append(f"  {name:<36} {value:12.5g}")
    lines += [f"  flag {word}: {told(word)}" for word in row["flags"].split()]
    lines += [f"  no {key}: {why}" for key, why in described["unavailable"].items()]
    return "\n".join(lines)
