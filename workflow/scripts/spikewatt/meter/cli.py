"""The meter as a tool on its own.

    python -m spikewatt.meter --list
    python -m spikewatt.meter --out results/try -- python train.py --epochs 3

The command keeps its input, output and exit status; the summary goes to standard error.
"""

import argparse
import contextlib
import csv
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from spikewatt.files import atomic
from spikewatt.meter import backends
from spikewatt.meter.errors import MeterError
from spikewatt.meter.lock import device_lock, lock_of_all
from spikewatt.meter.meter import IDLE, Meter
from spikewatt.meter.target import ALL, ProcessTree, Target
from spikewatt.meter.telling import summary

PHASE, NO_WAIT = "command", "--no-wait"
NOT_FOUND, NOT_ALLOWED, OWN_FAILURE, INTERRUPTED = 127, 126, 125, 130


class NotBegun(Exception):
    """The command could not be started."""


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
    refusal = refused(command, options)
    if refusal:
        status, why = refusal
        print(f"spikewatt.meter: {why}", file=sys.stderr)
        return status
    # Who is waited for, and what is in doubt, comes from the log.
    logging.basicConfig(format="%(name)s: %(message)s", level=logging.INFO)
    try:
        return measure(command, options)
    except MeterError as error:
        print(f"spikewatt.meter: {error}", file=sys.stderr)
        return OWN_FAILURE
    except KeyboardInterrupt:  # while it waited: the command has its own
        print("spikewatt.meter: interrupted, nothing was measured", file=sys.stderr)
        return INTERRUPTED


def refused(command, options):
    """(exit status, why) of what is not begun and leaves no file, or None."""
    if not shutil.which(command[0]):
        there = Path(command[0]).exists()
        why = "it may not be run" if there else "no such command"
        return NOT_ALLOWED if there else NOT_FOUND, f"{command[0]}: {why}"
    taken = [path for path in files(options.out) if path.exists()]
    if taken and not options.force:
        return OWN_FAILURE, (
            f"{taken[0]} is there already; give another name with --out, or --force to "
            "write over it"
        )
    return None


def files(prefix):
    """The files that are written: telemetry, summary as CSV and as JSON."""
    names = "telemetry.csv", "summary.csv", "summary.json"
    return [Path(f"{prefix}_{name}") for name in names]


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
        "(default: %(default)s); files that are there are not written over",
    )
    add("--force", action="store_true", help="write over files of that name")
    add("--rate", type=float, default=20.0, metavar="HZ", help="samples a second (20)")
    add(
        "--no-wait",
        action="store_true",
        help="measure at once, flagged, where another measured job is on the device",
    )
    add(
        "--device",
        type=device,
        help="cuda:<index>; all: the sum over the GPUs that the command can see; cpu: "
        "none (default: the first that it can see)",
    )
    add(
        "--idle",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="idle this long first, for the energy above idle (0)",
    )
    add("command", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser


def device(text):
    """A device by its name, for argparse."""
    if re.fullmatch(r"cpu|mps|all|cuda(:\d+)?", text):
        return text
    raise argparse.ArgumentTypeError(
        f"{text} is no device: it is cuda:<index>, all, mps or cpu"
    )


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
        if facts.get("doubt"):
            lines += [f"    {facts['doubt']}"]
        for domain, where in facts.get("domains", {}).items():
            lines += [f"    {domain}: {where['path']}"]
        for reading, reason in facts.get("refused", {}).items():
            lines += [f"    not {reading}: {reason}"]
    lines += [f"{name}: not here: {reason}" for name, reason in unavailable.items()]
    return "\n".join(lines)


def measure(command, options):
    """Measure `command`, write the files, print the summary; returns its status."""
    try:
        status, row, described, told = record(command, options)
    except NotBegun as error:
        print(f"spikewatt.meter: {command[0]}: {error}", file=sys.stderr)
        for path in files(options.out):
            path.unlink(missing_ok=True)
        return NOT_ALLOWED
    write(options.out, command, status, row, described, told)
    text = summary(command, status, row, described, options.out, **told)
    print(text, file=sys.stderr)
    return status


def record(command, options):
    """(exit status, row of the summary, what the meter tells of itself, more).

    more: who else computed (`others`), and each board, where all are measured.
    """
    target = Target(os.getpid(), include_root=False, device=options.device)
    telemetry = f"{options.out}_telemetry.csv"
    wait = {"wait": not options.no_wait, "without": NO_WAIT}
    every = options.device == ALL
    with (
        lock_of_all(**wait) if every else device_lock(options.device, **wait) as lock,
        Meter(
            telemetry, None, options.rate, target=target, beside=lock.beside
        ) as meter,
    ):
        if options.idle > 0:
            with meter.phase(IDLE):
                time.sleep(options.idle)
        with meter.phase(PHASE):
            status = run(command)
        row = meter.row((PHASE,))
        told = {"others": meter.others((PHASE,)), "boards": meter.boards((PHASE,))}
        return status, row, meter.describe(), told


def run(command):
    """Run a command as a shell would; returns its exit status.

    An interrupt goes to the command, which decides; a termination is passed on. Raises
    NotBegun.
    """
    try:
        process = subprocess.Popen(command)
    except OSError as error:  # in no format that this machine runs, say
        raise NotBegun(error.strerror) from None
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


def write(prefix, command, status, row, described, told):
    """PREFIX_summary.csv (one row) and PREFIX_summary.json (with the description)."""
    with atomic.writing(f"{prefix}_summary.csv") as handle:
        table = csv.DictWriter(handle, row, lineterminator="\n")
        table.writeheader()
        table.writerow(row)
    summary = {"command": command, "exit_status": status, "row": row}
    facts = {**summary, "meter": described, **told}
    atomic.write_json(f"{prefix}_summary.json", facts)
