"""What this machine has and lacks for spikewatt, with what to do: `make doctor`.

    python3 envs/doctor.py [--venv FOLDER] [--online]

Needs nothing but Python's own library, of an old Python too, so it works before `make
setup`; where the environment is there, torch and the meter are asked too. Nothing is
changed, nothing is asked over the network unless with --online; the exit status is 0.
"""

import argparse
import fcntl
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
LIBRARY, LOCK = ROOT / "workflow" / "scripts", ROOT / "envs" / "requirements.lock"
NEEDED = (3, 11)
# From this version on one package of the lock has no wheel, and is compiled.
COMPILES = (3, 12)
ENVIRONMENT_BYTES = 6.5e9
PATIENCE_S, ONLINE_S = 120, 10
INDEX = "https://pypi.org/simple/pip/"

OK, LACKS, NOTE = "ok", "LACKS", "note"


class Finding(NamedTuple):
    """How a thing is; todo: what to do, or nothing."""

    state: str
    what: str
    told: str
    todo: str = ""


def python(version=None, venv=True):
    """Version, and what venv and compilers need of it. venv: whether it has them."""
    version = tuple(version or sys.version_info[:3])
    said = f"{'.'.join(map(str, version))} ({sys.executable})"
    if version[:2] < NEEDED:
        wanted = ".".join(map(str, NEEDED))
        todo = f"spikewatt needs {wanted} or newer; name one with make PYTHON=…"
        return [Finding(LACKS, "Python", said, todo)]
    if not venv:
        todo = "apt-get install python3-venv"
        return [Finding(LACKS, "Python", f"{said}, without venv", todo)]
    return [Finding(OK, "Python", said)]


def compilers(version=None, which=shutil.which, include=None):
    """A C compiler and Python's headers: for what, and what without."""
    version = tuple(version or sys.version_info[:2])
    compiler = which("cc") or which("gcc")
    headers = Path(include or sysconfig.get_paths()["include"]) / "Python.h"
    must = version[:2] >= COMPILES
    why = "Triton's kernels on a GPU and some tests need it"
    if must:
        why = f"set-up compiles a package under Python {version[0]}.{version[1]}"
    found = []
    for what, there, package in (
        ("C compiler", compiler, "gcc"),
        ("Python.h", headers if headers.exists() else None, "python3-dev"),
    ):
        if there:
            found.append(Finding(OK, what, str(there)))
        else:
            todo = f"apt-get install {package}: {why}"
            found.append(Finding(LACKS if must else NOTE, what, "not found", todo))
    return found


def cores(group=Path("/sys/fs/cgroup")):
    """Those that this process may use, a container's quota included."""
    count = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    said = f"{count} ({platform.machine()}, {platform.system()})"
    try:
        quota, period = (group / "cpu.max").read_text().split()
        said += f", a quota of {int(quota) / int(period):g} of them"
    except (OSError, ValueError):  # no such file, or «max»
        pass
    if count < 2:
        todo = "the meter shares the core with what it measures: expect flags"
        return [Finding(NOTE, "cores", said, todo)]
    return [Finding(OK, "cores", said)]


def memory(info=Path("/proc/meminfo"), group=Path("/sys/fs/cgroup")):
    """All and available memory, or a container's limit where that is less."""
    try:
        lines = dict(line.split(":") for line in info.read_text().splitlines())
        whole, free = (
            1024 * int(lines[name].split()[0]) for name in ("MemTotal", "MemAvailable")
        )
    except (OSError, KeyError, ValueError):
        return [Finding(NOTE, "memory", f"unknown: {info} does not tell")]
    try:
        whole = min(whole, int((group / "memory.max").read_text()))
        free = min(free, whole)
    except (OSError, ValueError):
        pass
    said = f"{size_of(whole)}, {size_of(free)} of it available"
    return [Finding(OK, "memory", said)]


def locks(folder=None):
    """Whether a file that is locked here is locked for others of this machine."""
    folder = Path(folder or tempfile.gettempdir())
    try:
        with tempfile.NamedTemporaryFile(dir=str(folder)) as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if is_locked(file.name):
                return [Finding(OK, "locks", f"hold in {folder}")]
        why = f"a second lock of one file in {folder} was given"
    except OSError as error:
        why = f"none to be had in {folder}: {error.strerror}"
    todo = "set TMPDIR to a folder of a local disk, the same one for all jobs"
    return [Finding(LACKS, "locks", why, todo)]


def is_locked(path):
    """Whether somebody holds the lock of a file."""
    with open(path, "rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def environment(venv):
    """What `make setup` made, and whether it is that of the lock file."""
    ready = venv / "ready"
    if not ready.exists():
        free = shutil.disk_usage(str(ROOT)).free
        said = f"not there; it takes {size_of(ENVIRONMENT_BYTES)} at most"
        if free < ENVIRONMENT_BYTES:
            todo = f"{size_of(free)} are free: make room, or take CPU builds (README)"
            return [Finding(LACKS, "environment", said, todo)]
        return [Finding(NOTE, "environment", said, "make setup")]
    if ready.stat().st_mtime < LOCK.stat().st_mtime:
        told = f"{venv} is older than {LOCK.name}"
        return [Finding(LACKS, "environment", told, "make setup")]
    return [Finding(OK, "environment", str(venv))]


def data_sets(folder):
    """Which data sets there is room for, the smallest first, each for itself."""
    try:
        sys.path.insert(0, str(LIBRARY))
        from spikewatt.data import catalogue, sizes
    except (ImportError, SyntaxError, TypeError) as error:  # a Python too old
        return [Finding(NOTE, "data sets", f"unknown here: {error}")]
    free = shutil.disk_usage(str(folder)).free
    needs = {known.name: sizes.disk(known) for known in catalogue.DATASETS.values()}
    needs = dict(sorted(needs.items(), key=lambda item: item[1]))
    fitting = [named for named in needs.items() if named[1] <= free]
    others = [named for named in needs.items() if named[1] > free]
    found = [Finding(OK, "disk", f"{size_of(free)} free in {folder}")]
    if fitting:
        together = size_of(sum(size for _, size in fitting))
        said = f"room for each of {listed(fitting)}; {together} together"
        found.append(Finding(OK, "data sets", said))
    if others:
        todo = "make room, or run with snakemake -d FOLDER on a larger disk"
        found.append(Finding(LACKS, "data sets", f"no room for {listed(others)}", todo))
    return found


def listed(named):
    """«mnist (66.5 MB), …»."""
    return ", ".join(f"{name} ({size_of(size)})" for name, size in named)


def gpu(which=shutil.which):
    """What the NVIDIA driver says, asked by its own tool: before there is a meter."""
    if not which("nvidia-smi"):
        todo = (
            "none is needed: runs go on the CPU. With a card, install its driver, or "
            "start the container with --gpus all"
        )
        return [Finding(NOTE, "GPU", "no NVIDIA driver (nvidia-smi)", todo)]
    query = "--query-gpu=name,memory.total,driver_version,uuid"
    status, said = answer(["nvidia-smi", query, "--format=csv,noheader"])
    if status:
        todo = "a reboot helps where driver and kernel module differ in version"
        return [Finding(LACKS, "GPU", f"nvidia-smi fails: {said}", todo)]
    return [Finding(OK, "GPU", line.strip()) for line in said.splitlines()]


def rapl():
    """Whether the CPU's energy counters may be read, before there is a meter."""
    root = Path(os.environ.get("SPIKEWATT_POWERCAP", "/sys/class/powercap"))
    counters = sorted(root.glob("intel-rapl:*/energy_uj"))
    if not counters:
        told = f"{root} has no counters (virtual machines and containers hide them)"
        return [Finding(NOTE, "CPU energy", told, "runs leave joules of the CPU empty")]
    closed = [str(path) for path in counters if not os.access(str(path), os.R_OK)]
    if closed:
        todo = f"sudo chmod -R a+r {root}/intel-rapl*/ (for good: docs/METER.md)"
        return [Finding(LACKS, "CPU energy", f"{closed[0]} is root's alone", todo)]
    return [Finding(OK, "CPU energy", f"{len(counters)} counters in {root}")]


def meter(interpreter):
    """What the meter of the environment says that it can measure here, and why not."""
    command = [str(interpreter), "-m", "spikewatt.meter", "--list"]
    status, said = answer(command, PYTHONPATH=str(LIBRARY))
    if status:
        return [Finding(LACKS, "meter", f"it fails: {last(said)}", "make setup")]
    found = []
    for line in said.splitlines():
        named = re.match(r"(\w+): (not here: )?(.*)", line)
        if named:
            state = NOTE if named[2] else OK
            found.append(Finding(state, f"meter, {named[1]}", named[3]))
        elif found:
            found[-1] = found[-1]._replace(told=f"{found[-1].told}; {line.strip()}")
    return found


ASK_TORCH = """
import json, torch
print(json.dumps([torch.__version__, torch.version.cuda, torch.cuda.device_count()]))
"""


def torch(interpreter, card):
    """Which build there is, and whether it sees the GPU. card: whether there is one."""
    status, said = answer([str(interpreter), "-c", ASK_TORCH])
    if status:
        return [Finding(LACKS, "torch", f"it fails: {last(said)}", "make clean setup")]
    version, cuda, count = json.loads(last(said))
    told = f"{version}, {f'for CUDA {cuda}' if cuda else 'a build for the CPU'}"
    if not card or count:
        return [Finding(OK, "torch", f"{told}, sees {count} GPUs")]
    todo = "make clean setup, without the CPU builds' index"
    if cuda:
        todo = f"a newer driver, for CUDA {cuda}; or CUDA_VISIBLE_DEVICES hides the GPU"
    return [Finding(LACKS, "torch", f"{told}, sees no GPU", todo)]


def browser(which=shutil.which):
    """Chromium and its driver, with which one test looks at the report."""
    missing = [name for name in ("chromium", "chromedriver") if not which(name)]
    if not missing:
        return [Finding(OK, "browser", which("chromium"))]
    todo = "apt-get install chromium chromium-driver; a test of the report is skipped"
    return [Finding(NOTE, "browser", f"no {' and no '.join(missing)}", todo)]


def online():
    """Whether packages and the first address of each data set answer."""
    sys.path.insert(0, str(LIBRARY))
    from spikewatt.data import catalogue

    places = {"packages": INDEX}
    for known in catalogue.DATASETS.values():
        places[known.name] = known.archives[0].urls[0]
    return [reached(name, url) for name, url in places.items()]


def reached(name, url):
    """Whether an address answers; other mirrors of a data set may."""
    what = f"net, {name}"
    try:
        asked = urllib.request.Request(url, method="HEAD")
        with urllib.request.urlopen(asked, timeout=ONLINE_S) as reply:
            return Finding(OK, what, f"{url} answers ({reply.status})")
    except (OSError, urllib.error.URLError) as error:
        todo = "other mirrors may; without a net: make wheels, source=local (README)"
        return Finding(LACKS, what, f"{url}: {error}", todo)


def answer(command, **variables):
    """(exit status, what was said) of a command; it is not waited for for ever."""
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return 1, str(error)
    return done.returncode, done.stdout.decode("utf-8", "replace").strip()


def last(text):
    """The last line of what was said."""
    return (text.splitlines() or ["nothing was said"])[-1]


def size_of(count):
    """Bytes as people say them: «66.5 MB», «11.2 GB»."""
    for unit in ("B", "kB", "MB"):
        if count < 999.5:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} GB"


def examined(venv, folder, ask=False):
    """All findings, in the order in which they are read. folder: of resources."""
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        found = python(venv=False)
    else:
        found = python()
    found += compilers() + cores() + memory() + locks()
    found += environment(venv) + data_sets(folder)
    cards = gpu()
    interpreter = venv / "bin" / "python"
    if interpreter.exists():
        found += cards + torch(interpreter, cards[0].state == OK) + meter(interpreter)
    else:
        found += cards + rapl()
    found += browser()
    return found + (online() if ask else [])


def shown(findings):
    """Findings as text: a line each, and below it what to do."""
    width = max(len(one.what) for one in findings)
    lines = []
    for one in findings:
        lines.append(f"{one.state:<6} {one.what:<{width}}  {one.told}")
        if one.todo:
            lines.append(f"{'':<{7 + width}}  → {one.todo}")
    lacking = [one.what for one in findings if one.state == LACKS]
    lines.append(f"lacking: {', '.join(lacking)}" if lacking else "nothing is lacking")
    return "\n".join(lines)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv")
    parser.add_argument("--online", action="store_true", help="ask the network too")
    options = parser.parse_args(arguments)
    print(shown(examined(options.venv, Path.cwd(), options.online)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
