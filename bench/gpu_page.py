"""The page of `make gpu`: results/gpu/README.md, from what its steps left."""

import subprocess
import time
import xml.etree.ElementTree as xml
from pathlib import Path

import pandas as pd
import stacks
from gpu_steps import ROOT, TABLES, networks, part_of
from paired import write_csv

from report import section
from spikewatt.files import atomic
from spikewatt.train import machine

REHEARSAL = (
    "**A rehearsal without a card**: the CPU and a fake NVML stood in for it, with "
    "tiny settings. No number here says anything of a GPU."
)
# (CSV file, heading, words, figure)
READINGS = (
    "readings",
    "What the card's NVML offers",
    "Each reading, its value while the card idled, µs a call, and how often it is "
    "really renewed (s); nothing stands where a value did not change. Published for "
    "comparison: {published}.",
    None,
)
ENERGY = (
    "energy",
    "Energy counter against integrated power",
    "Phases of matrix products; pulses leave the card idle half of the time. "
    "counter_over_integral would be 1 of a sensor without fault. The "
    "uncertainties are the standard ones that the meter states (docs/METER.md).",
    None,
)
COST = (
    "meter_cost",
    "What the meter costs",
    "Training of a small network with the meter's process running over halted, pair by "
    "pair: 1 is no cost. Median, its 95 % interval, quartiles; a share of a core last.",
    None,
)
EQUAL = (
    "equal",
    "The card against the CPU",
    "Tests marked `gpu`: the Triton kernels, a training step of both stacks from the "
    "same weights and samples in float32, as torch has it (TF32 in convolutions) and "
    "in tensor cores; whole numbers. Found is the distance from the CPU's.",
    None,
)
STACKS = (
    "stacks",
    "Reference against fast stack",
    "Seconds a batch of made-up data, loading from arrays included; the ratio's median "
    "over the turns, its smallest and largest; the most memory that torch had in use.",
    "stacks.svg",
)
PRECISIONS = (
    "precisions",
    "Precisions of the fast stack",
    "Seconds a batch, and float32's over them: above 1 the precision is faster.",
    None,
)

KILLS = (
    "kills",
    "A training that is killed and goes on",
    "Experiment 1's SNN on the fast stack, killed after an epoch with all that it had "
    "started, against the same run without a kill. On a CPU the difference is 0.",
    None,
)


def write(asked, where, plan, outcomes):
    """Gather the tables and write the page."""
    out = asked.out
    gather(asked, "stacks", lambda table: stacks.draw(table, out / "stacks.svg"))
    gather(asked, "precisions")
    if (out / "equal.xml").exists():
        write_csv(out / "equal.csv", tests(out / "equal.xml"))
    name, heading, words, figure = READINGS
    words = words.format(published=published(out / "card.json"))
    text = [
        *head(where),
        steps_told(plan, outcomes),
        section(out, name, heading, words, figure),
        *(section(out, *part) for part in (ENERGY, COST, EQUAL)),
        experiment(out / "workflow" / "tables"),
        *(section(out, *part) for part in (STACKS, PRECISIONS, KILLS)),
    ]
    atomic.write_text(out / "README.md", "\n".join(text))


def head(where):
    """Title, card, machine and versions."""
    import torch

    card = "A rehearsal" if where["rehearsal"] else where["name"]
    facts = {
        "card": where["name"],
        "driver": where["driver"],
        "spikewatt": commit(),
        "day": time.strftime("%Y-%m-%d"),
        **machine.hardware(torch.device("cpu")),
        **machine.versions(),
    }
    del facts["device"], facts["gpu"]
    rows = [{"": key, "value": str(value)} for key, value in facts.items() if value]
    first = [REHEARSAL + "\n"] if where["rehearsal"] else []
    title = f"# {card}: what `make gpu` measured\n"
    return [*first, title, pd.DataFrame(rows).to_markdown(index=False) + "\n"]


def commit():
    """The commit of this code, or None outside git."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout.strip() or None


def steps_told(plan, outcomes):
    """What each step came to; one that was not begun is named too."""
    rows = []
    for step in plan:
        told = outcomes.get(step.name, {"outcome": "not begun"})
        row = {"step": step.name, "what": step.title, "outcome": told["outcome"]}
        row |= {"s": told.get("seconds", ""), "why": told.get("reason", "")}
        rows.append({key: str(value).replace("|", "/") for key, value in row.items()})
    return "## Steps\n\n" + pd.DataFrame(rows).to_markdown(index=False) + "\n"


def gather(asked, what, draw=None):
    """One CSV of what there is of each network's part."""
    parts = [part_of(asked, what, n) / f"{what}.csv" for n in networks(asked)]
    found = [pd.read_csv(path) for path in parts if path.exists()]
    if found:
        table = pd.concat(found, ignore_index=True)
        write_csv(asked.out / f"{what}.csv", table)
        if draw:
            draw(table)


def tests(path):
    """A row a test: how it went, and what it recorded."""
    rows = []
    for case in xml.parse(path).iter("testcase"):
        recorded = [f"{p.get('name')}: {p.get('value')}" for p in case.iter("property")]
        outcome, why = "passed", ""
        for kind in ("failure", "error", "skipped"):
            if (told := case.find(kind)) is not None:
                outcome, why = kind, (told.get("message") or "").splitlines()[0]
        row = {"test": case.get("name"), "outcome": outcome, "why": why[:200]}
        rows.append(row | {"found": "; ".join(recorded)})
    return pd.DataFrame(rows)


def published(path):
    """What is published of the card's power readings, in a line."""
    if not path.exists():
        return "nothing"
    known = pd.read_json(path, typ="series").get("published")
    if not known:
        return "nothing of this architecture"
    return ", ".join(f"{key} {value}" for key, value in known.items())


def experiment(folder):
    """Experiment 1's tables as the workflow made them."""
    heading = "## Experiment 1 in full, both stacks\n"
    found = [Path(folder) / f"{name}.md" for name in TABLES]
    texts = [path.read_text(encoding="utf-8") for path in found if path.exists()]
    return "\n".join([heading, *(texts or [f"Not measured: no tables in {folder}.\n"])])
