"""Kills a training on the card after an epoch, and compares what comes out in the end.

    python bench/gpu_kills.py --killed results/a --whole results/b --out results/gpu \\
        -- snakemake …                      (what makes the run in results/a)

Writes kills.csv: how often it was killed with all that it had started, what its
run.json counts, and how weights and accuracy differ from those of the same run in the
other folder, which nobody killed. On a CPU the bytes are the same; a card's sums may
come in another order each time.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import psutil
from paired import say, write_csv
from safetensors.numpy import load_file

RUN = Path("exp1") / "snn" / "fast" / "seed0"
POLL_S = 0.01


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--killed", type=Path, required=True, help="emptied before")
    parser.add_argument("--whole", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("results/gpu"))
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("command", nargs="+")
    args = parser.parse_args()
    shutil.rmtree(args.killed, ignore_errors=True)
    done = 0
    while done < args.kills and cut(args.command, args.killed / "checkpoints" / RUN):
        done += 1
    subprocess.run(args.command, check=True, stdout=sys.stderr)
    folders = (folder / "runs" / RUN for folder in (args.killed, args.whole))
    row = {"kills": done} | compared(*folders)
    say(row)
    write_csv(args.out / "kills.csv", pd.DataFrame([row]))


def cut(command, checkpoints):
    """Kill the command when another epoch is kept; False where it ended before."""
    before = set(checkpoints.glob("epoch_*"))
    process = subprocess.Popen(command, stdout=sys.stderr)
    while set(checkpoints.glob("epoch_*")) <= before:
        if process.poll() is not None:
            return False
        time.sleep(POLL_S)
    root = psutil.Process(process.pid)
    tree = [*root.children(recursive=True), root]
    for one in tree:
        one.kill()
    psutil.wait_procs(tree)
    process.wait()
    return True


def compared(killed, whole):
    """What the run counts, and how far it is from one that nobody killed."""
    facts = json.loads((killed / "run.json").read_text(encoding="utf-8"))
    mine, theirs = (load_file(f / "model.safetensors") for f in (killed, whole))
    accuracies = [
        pd.read_csv(f / "test.csv")["test_accuracy_pct"][0] for f in (killed, whole)
    ]
    furthest = max(abs(mine[name] - theirs[name]).max() for name in theirs)
    return {
        "interruptions": facts["interruptions"],
        "largest_difference_of_a_weight": float(furthest),
        "test_accuracy_pct": accuracies[0],
        "test_accuracy_whole_pct": accuracies[1],
    }


if __name__ == "__main__":
    main()
