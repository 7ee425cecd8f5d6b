"""Kills without end: the tests of tests/workflow/test_kills.py, round after round.

    python bench/soak.py --minutes 60       (make soak)

Each round draws other points to kill at and ten times as many, and is finished even
when the minutes are over. Stops at the first result that differs, with the seed that
shows it again. Tells how many kills were survived.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
TIMES = 10


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    choice = parser.parse_args()
    end, seed = time.monotonic() + 60 * choice.minutes, choice.seed
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as counted:
        while time.monotonic() < end:
            code = soak(seed, counted.name)
            lines = [line.split() for line in counted.readlines()]
            print(
                f"seed {seed}: {sum(int(n) for n, _ in lines)} kills survived",
                flush=True,
            )
            if code:
                sys.exit(
                    f"a result differs: SPIKEWATT_KILL_SEED={seed} "
                    f"SPIKEWATT_KILLS={TIMES} python -m pytest "
                    f"tests/workflow/test_kills.py  (exit status {code})"
                )
            seed += 1


def soak(seed, counted):
    """One round; returns pytest's exit status. Kills are told in the file `counted`."""
    settings = {
        "SPIKEWATT_KILL_SEED": str(seed),
        "SPIKEWATT_KILLS": str(TIMES),
        "SPIKEWATT_KILLS_COUNTED": counted,
    }
    command = [sys.executable, "-m", "pytest", "-q", "tests/workflow/test_kills.py"]
    return subprocess.run(command, cwd=ROOT, env=os.environ | settings).returncode


if __name__ == "__main__":
    main()
