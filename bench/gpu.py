"""One command for a card: everything that only a GPU can tell, in a quarter of an hour.

    python bench/gpu.py              (make gpu)
    python bench/gpu.py --rehearse   without a card: tiny, the CPU and a fake NVML

Writes results/gpu/README.md, a page that can be put into an issue. Each step keeps its
result, so that the same command goes on where it was; one that fails is named with its
reason, and the others go on. Ends with 1 where a step is lacking, with 0 where there is
no card.
"""

import argparse
import contextlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "workflow" / "scripts"), str(ROOT / "tests" / "unit")]

import psutil  # noqa: E402
from gpu_steps import Asked, steps  # noqa: E402

from spikewatt.files import atomic  # noqa: E402
from spikewatt.files.progress import duration  # noqa: E402
from spikewatt.meter import device_lock  # noqa: E402
from spikewatt.meter.backends import visible  # noqa: E402
from spikewatt.meter.backends.nvml import Nvml  # noqa: E402
from spikewatt.meter.errors import Unavailable  # noqa: E402
from spikewatt.meter.target import ProcessTree, Target  # noqa: E402

NO_CARD = "There is no NVIDIA GPU to measure here, so nothing was done: {}."
NO_CUDA = (
    "{name} is here, but this torch ({version}) cannot compute on it: it is built for "
    "the CPU, or newer than driver {driver}. Install one that fits: "
    "`.venv/bin/pip install torch torchvision --index-url "
    "https://download.pytorch.org/whl/cu…`, see https://pytorch.org"
)
TELL_S, GRACE_S = 30, 10
DONE, FAILED, CUT = "done", "failed", "cut"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=ROOT, help="of results/gpu")
    parser.add_argument("--archives", help="folder with MNIST's official archives")
    parser.add_argument("--minutes", type=float, default=15, help="for all steps")
    parser.add_argument("--rehearse", action="store_true", help="without a card, tiny")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    archives = args.archives and str(Path(args.archives).expanduser().resolve())
    asked = Asked(args.folder.resolve(), archives, args.rehearse)
    try:
        where, environment = rehearsal() if args.rehearse else card()
    except Unavailable as error:
        print(NO_CARD.format(error))
        return
    lock = device_lock("cuda:0", uuid=where["uuid"], what="make gpu")
    try:
        with contextlib.nullcontext() if args.rehearse else lock:
            outcomes = run_all(asked, where, environment, 60 * args.minutes)
    except KeyboardInterrupt:
        sys.exit("stopped; the same command goes on")
    lacking = [name for name, one in outcomes.items() if one["outcome"] != DONE]
    if lacking:
        sys.exit(f"{', '.join(lacking)}: see the page; the same command tries again")


def card():
    """(the card that CUDA shows first, the environment that shows it alone).

    Raises Unavailable without one; ends the program where torch cannot use it.
    """
    target = Target(os.getpid(), device="cuda:0")
    facts = Nvml(target, ProcessTree(target)).device
    import torch

    if not torch.cuda.is_available():
        sys.exit(NO_CUDA.format(**facts, version=torch.__version__))
    chosen = os.environ.get(visible.VARIABLE) or facts["uuid"]
    return identity(facts, False), os.environ | {visible.VARIABLE: chosen}


def rehearsal():
    """As `card`, of a fake NVML that plays a card whose power goes up and down."""
    import fake_nvml

    if not fake_nvml.available():
        raise Unavailable("the rehearsal's fake NVML needs gcc; apt-get install gcc")
    script = Path(tempfile.mkdtemp()) / "script"
    curve = ("curve square 250 50 0.5", "update 0.02", "energy_update 0.02")
    fake_nvml.write(script, *curve, "refuse PerformanceState 3")
    facts = {"name": "no card", "uuid": fake_nvml.UUID, "driver": "a fake NVML"}
    shown = {visible.VARIABLE: fake_nvml.UUID}  # which hides a real one from torch
    return identity(facts, True), fake_nvml.environment(script) | shown


def identity(facts, rehearsed):
    """What a step's result is of: another card's is not taken for this one's."""
    known = {key: facts[key] for key in ("name", "uuid", "driver")}
    return known | {"rehearsal": rehearsed}


def run_all(asked, where, environment, seconds):
    """Run what has no result yet; returns {step: outcome} and writes the page."""
    import gpu_page

    plan, outcomes = steps(asked), {}
    end = time.monotonic() + seconds
    (asked.out / "steps").mkdir(parents=True, exist_ok=True)
    try:
        for number, step in enumerate(plan):
            left = sum(one.expected_s for one in lacking(asked, plan[number:], where))
            left = min(left, max(0, end - time.monotonic()))
            print(f"{number + 1} of {len(plan)}: {step.title} ", end="")
            print(f"(about {duration(left)} left in all)", flush=True)
            told = kept(asked, step, where)
            if told is None:
                told = run(asked, step, environment, end, left) | {"where": where}
                atomic.write_json(file_of(asked, step), told)
            outcomes[step.name] = told
            print(f"   {words(told)}", flush=True)
    finally:
        gpu_page.write(asked, where, plan, outcomes)
        print(asked.out / "README.md")
    return outcomes


def file_of(asked, step):
    return asked.out / "steps" / f"{step.name}.json"


def kept(asked, step, where):
    """What a step came to before, on this very card; None where it is to run."""
    with contextlib.suppress(OSError, json.JSONDecodeError):
        told = json.loads(file_of(asked, step).read_text(encoding="utf-8"))
        if told["outcome"] == DONE and told["where"] == where:
            return told
    return None


def lacking(asked, plan, where):
    return [step for step in plan if kept(asked, step, where) is None]


def words(told):
    if told["outcome"] == DONE:
        return f"done in {duration(told['seconds'])}"
    return f"{told['outcome']}: {told['reason']}"


def run(asked, step, environment, end, left):
    """Run a step up to the moment `end`; returns what it came to.

    left: s, what all steps still take, as far as is known.
    """
    begin, log = time.monotonic(), asked.out / "steps" / f"{step.name}.log"
    with open(log, "w", encoding="utf-8") as handle:
        variables = environment | step.environment
        code = begun(step.command, asked.folder, variables, handle, end, left)
    seconds = round(time.monotonic() - begin, 1)
    if code is None:
        reason = "the time was over; the same command goes on"
        return {"outcome": CUT, "seconds": seconds, "reason": reason}
    outcome = {"outcome": FAILED if code else DONE, "seconds": seconds}
    return outcome | ({"reason": reason_in(log)} if code else {})


def begun(command, folder, environment, handle, end, left):
    """Run a command; returns its exit status, None where it was stopped at `end`."""
    begin = told = time.monotonic()
    if begin >= end:
        return None
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=handle, stderr=handle
    )
    try:
        while process.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
            if (now := time.monotonic()) - told > TELL_S:
                told, rest = now, max(0, left - (now - begin))
                print(f"   … about {duration(rest)} left in all", flush=True)
        return process.poll()
    finally:
        stop(process)


def stop(process):
    """End a process with all that it started, where it still runs."""
    with contextlib.suppress(psutil.Error):
        tree = psutil.Process(process.pid)
        tree = [tree, *tree.children(recursive=True)]
        for do in ("terminate", "kill"):
            for one in tree:
                with contextlib.suppress(psutil.Error):
                    getattr(one, do)()
            _, tree = psutil.wait_procs(tree, GRACE_S)
    process.wait()


def reason_in(log):
    """The last line of a log that speaks of an error, or just the last."""
    text = log.read_text(encoding="utf-8", errors="replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [one for one in lines if "error" in one.lower() or "failed" in one]
    return (telling or lines or ["it said nothing"])[-1][:300]


if __name__ == "__main__":
    main()
