"""Kills without end: the tests of tests/workflow/test_kills.py, round after round.

    python bench/soak.py --minutes 60       (make soak)

Each round draws other points to kill at and ten times as many. Stops at the first
result that differs, with the seed that shows it again.
"""

import argparse
import os
import subprocess
import sys
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
    while time.monotonic() < end:
        if code := soak(seed):
            sys.exit(
                f"a result differs: SPIKEWATT_KILL_SEED={seed} SPIKEWATT_KILLS={TIMES} "
                f"python -m pytest tests/workflow/test_kills.py  (exit status {code})"
            )
        seed += 1
    print(f"{seed - choice.seed} rounds survived")


def soak(seed):
    """One round; returns pytest's exit status."""
    settings = {"SPIKEWATT_KILL_SEED": str(seed), "SPIKEWATT_KILLS": str(TIMES)}
    command = [sys.executable, "-m", "pytest", "-q", "tests/workflow/test_kills.py"]
    return subprocess.run(command, cwd=ROOT, env=os.environ | settings).returncode


if __name__ == "__main__":
    main()
