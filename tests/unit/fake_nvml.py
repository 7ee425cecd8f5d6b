"""Builds the fake libnvidia-ml.so.1 and runs programs that see it instead of a GPU."""

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

SOURCE = Path(__file__).with_name("fake_nvml.c")
LIBRARY = Path(__file__).parents[2] / "workflow" / "scripts"
UUID = "GPU-11111111-aaaa-bbbb-cccc-000000000001"


def available():
    """Whether the fake can be compiled here."""
    return shutil.which("gcc") is not None


@functools.cache
def folder():
    """A folder that holds the compiled library; built once per process."""
    target = Path(tempfile.mkdtemp(prefix="fake-nvml-"))
    command = ["gcc", "-shared", "-fPIC", "-O1", "-o", target / "libnvidia-ml.so.1"]
    subprocess.run([*command, SOURCE, "-lm"], check=True)
    return target


def environment(script):
    """Environment variables under which NVML plays `script` (a path)."""
    known = [os.environ.get("LD_LIBRARY_PATH"), os.environ.get("PYTHONPATH")]
    return {
        **os.environ,
        "FAKE_NVML": str(script),
        "LD_LIBRARY_PATH": os.pathsep.join(filter(None, [str(folder()), known[0]])),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(LIBRARY), known[1]])),
        "SPIKEWATT_POWERCAP": "/nonexistent",
    }


def write(path, *lines):
    """Write a script for one device; returns t0, its moment 0 in monotonic s.

    The file whose appearance triggers the script's events is `path`.switch.
    """
    t0 = time.monotonic()
    text = [f"t0 {t0:.6f}", f"switch {path}.switch", f"device {UUID}", *lines]
    Path(path).write_text("\n".join(text) + "\n")
    return t0


def run(program, script, arguments=(), timeout=60):
    """Run Python code against the fake; returns what it printed last, as JSON.

    Raises subprocess.CalledProcessError with the program's messages in `stderr`.
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *map(str, arguments)],
        env=environment(script),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    if done.returncode:
        raise subprocess.CalledProcessError(
            done.returncode, program, done.stdout, done.stderr
        )
    return json.loads(done.stdout.splitlines()[-1])


def joules(curve, begin, end, steps=200_000):
    """∫ P dt of a script's «curve» line from `begin` to `end` in s after t0.

    Summed in small steps, unlike the library's closed form.
    """
    kind, *numbers = curve.split()
    numbers = [float(number) for number in numbers]
    step = (end - begin) / steps
    moments = (begin + step * (k + 0.5) for k in range(steps))
    return step * sum(_watts(kind, numbers, moment) for moment in moments)


def _watts(kind, numbers, moment):
    if kind == "ramp":
        return numbers[0] + numbers[1] * moment
    if kind == "square":
        return numbers[0] if moment % numbers[2] < numbers[2] / 2 else numbers[1]
    return numbers[0]
