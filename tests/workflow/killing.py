"""Runs a script of the workflow, kills it at random points, and lets it go on.

    python killing.py JOB.json          in the folder of a project

Each attempt is forked from a process that has imported everything, so that a kill hits
the work itself. Points are drawn from a seed: before the k-th operation on files, or
after t seconds; the victim is the process alone or its group with the meter in it.
Before each attempt the declared outputs are deleted, as Snakemake does. Writes what it
did to JOB.json.done.
"""

import contextlib
import importlib.util
import json
import mmap
import os
import random
import signal
import sys
import time
import traceback
from pathlib import Path
from types import SimpleNamespace

WRITES = os.O_WRONLY | os.O_RDWR
OPERATIONS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.chmod"}
HANG_S = 300


class Named(list):
    """A list whose items can have names, as scripts get from Snakemake."""

    def __init__(self, given):
        named = isinstance(given, dict)
        super().__init__(given.values() if named else given)
        if named:
            vars(self).update(given)


def main(path):
    job = json.loads(Path(path).read_text(encoding="utf-8"))
    script = load(job["script"])
    count = mmap.mmap(-1, 8)  # shared with the forked attempts
    started = time.monotonic()
    attempt(script, job, count, None)
    seconds, operations = time.monotonic() - started, read(count)
    points = draw(random.Random(job["seed"]), seconds, operations)
    struck = []
    while len(struck) < job["kills"]:
        point = next(points)
        if attempt(script, job, count, point):
            struck.append(point)
    attempt(script, job, count, None)
    done = {"seconds": seconds, "operations": operations, "struck": struck}
    Path(f"{path}.done").write_text(json.dumps(done), encoding="utf-8")


def load(path):
    """The script as a module that is not run."""
    sys.path.append(str(Path(path).parent.resolve()))
    spec = importlib.util.spec_from_file_location("script", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def draw(generator, seconds, operations):
    """Points to kill at, without end."""
    while True:
        group = generator.random() < 0.5
        yield {"operation": generator.randint(1, operations), "group": group}
        yield {"after_s": generator.uniform(0, seconds), "group": group}


def attempt(script, job, count, point):
    """Run the script once; returns whether it was killed at `point`."""
    for name in [*Named(job["output"]), *job["plain"]["log"]]:
        Path(name).unlink(missing_ok=True)
    count[:] = bytes(8)
    child = os.fork()
    if not child:
        work(script, job, count, point or {})
    with contextlib.suppress(OSError):  # the child may have done it, or be gone
        os.setpgid(child, child)
    status = watch(child, point or {})
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    if status:
        sys.exit(f"{job['script']} failed after a kill, see above")
    return False


def work(script, job, count, point):
    """The forked process: the script, with every operation on files counted."""
    with contextlib.suppress(OSError):
        os.setpgid(0, 0)

    def counted(event, arguments):
        opened = event == "open" and (arguments[2] or 0) & WRITES
        if opened or event in OPERATIONS:
            count[:] = (read(count) + 1).to_bytes(8, "little")
            if read(count) == point.get("operation"):
                kill(os.getpid(), point)

    fields = ("input", "output", "params", "wildcards")
    given = {field: Named(job[field]) for field in fields}
    sys.addaudithook(counted)
    try:
        script.main(SimpleNamespace(**given, **job["plain"]))
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def watch(child, point):
    """Wait for the child, kill it when its time has come; returns its wait status."""
    due = time.monotonic() + point.get("after_s", HANG_S)
    while time.monotonic() < due:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
        time.sleep(0.002)
    if "after_s" not in point:
        print(f"the attempt hangs: {point}", file=sys.stderr)
    kill(child, point)
    return os.waitpid(child, 0)[1]


def kill(process, point):
    """SIGKILL to the process, or to all of its group as when the power fails."""
    (os.killpg if point.get("group") else os.kill)(process, signal.SIGKILL)


def read(count):
    return int.from_bytes(count[:], "little")


if __name__ == "__main__":
    main(sys.argv[1])
