"""What a reader of the stacks' table or figure must know, as notes."""

from spikewatt import paper
from spikewatt.results import by_stack, measured, missing, notes, quantities
from spikewatt.results.notes import INTERVAL, Note
from spikewatt.results.protocol import settings_notes
from spikewatt.results.table import number

COMPARED = Note(
    "reading", "Accuracies: fast − reference in points; all else: fast / reference."
)
PARTS = Note(
    "reading",
    "Loading is the time in which the loop waited for samples, before they were moved "
    "to the device or encoded; computing is all else of an epoch. On a GPU the loop "
    "waits while earlier batches are still computed: computing is then what loading "
    "did not hide, and less than the GPU was busy. From a ratio with loading to the "
    "one without is what loading did, from there to the fast stack's what software "
    "did; what is left is the networks' own: spiking's, where one of them spikes.",
)
READING = Note(
    "reading",
    "Rows with two networks are ratios, the one named first over the other, in each "
    "stack. The mathematics is the same in both: where such a ratio is smaller in fast "
    "than in reference, so much of the first-named network's extra cost was software; "
    "where it is larger, software had weighed more on the other one. What is left in "
    "fast is spiking's own only as far as both networks are equally optimised there: a "
    "network that does not spike runs on PyTorch's own operations, so that faster "
    "kernels of either would move the ratio, up or down.",
)
STAND_INS = {
    "max_gpu_memory_pct": (
        "Peak memory is the largest of all epochs, of the whole device, as the paper's "
        "recorder counts it."
    ),
    "max_rss_mib": (
        "Peak memory is that of the training process (resident set, largest of all "
        "epochs); that of a GPU was {why}."
    ),
    "mean_epoch_energy_j": (
        "Energy and power are those of the whole GPU board; the rest of the machine is "
        "not in them."
    ),
    "mean_epoch_cpu_energy_j": (
        "Energy and power are those of the CPU packages (RAPL), with everything that "
        "ran on them; those of a GPU were {why}."
    ),
    "mean_epoch_cpu_time_s": (
        "CPU time (seconds of all cores together) stands in for energy, but is none: "
        "energy was {why}."
    ),
}
ONE_STACK = (
    "Only the stack «{stack}» was run, so there is nothing to compare. "
    "Set `stacks: [reference, fast]` in the config."
)


def of_table(runs, rows, plans=None):
    """All notes of the table; plans: see `spikewatt.results.mismatches`."""
    told = [*headlines(rows), *three_parts(rows), *one_stack(runs)]
    if any(row.quantity.role == "loading" and _measured(row) for row in rows):
        told.append(PARTS)
    if len({run.stack for run in runs}) > 1:
        told += [COMPARED, READING]
    told += stand_ins(runs)
    if any(row.seeds > 1 for row in rows):
        told.append(INTERVAL)
    return [*told, *of_runs(runs, plans)]


def one_stack(runs):
    """The note that nothing can be compared, where there is one stack; else none."""
    present = {run.stack for run in runs}
    if len(present) != 1:
        return []
    return [Note("one stack", ONE_STACK.format(stack=present.pop()))]


def headlines(rows):
    """What the ratios of epoch times say, a note for each pair of networks."""
    pairs = [row for row in rows if row.against and row.quantity.role == "time"]
    return list(filter(None, map(_headline, pairs)))


def _headline(row):
    words = {"reference": "snnTorch's loop", "fast": "the fast stack"}
    parts = [
        f"{number(part.value, 2)} times as long in {words[stack]}"
        for stack, part in row.stacks.items()
        if part.value is not None
    ]
    if not parts:
        return None
    label, other = row.labels
    stated = "" if row.paper is None else f" (the paper: {number(row.paper, 2)})"
    text = (
        f"{row.experiment}: against {other}, an epoch of {label} takes "
        f"{' and '.join(parts)}{stated}."
    )
    return Note("headline", text, f"{row.experiment}/{row.network}")


def three_parts(rows):
    """What of each pair's ratio is loading, software and spiking, a note a pair.

    None where the reference's ratio without loading was not measured.
    """
    by_pair = {}
    for row in rows:
        if row.against:
            key = row.experiment, row.labels
            by_pair.setdefault(key, {})[row.quantity.role] = row
    told = (_three_parts(roles) for roles in by_pair.values())
    return [note for note in told if note]


def _three_parts(roles):
    """«SNN over ANN, an epoch: × 2.81 with loading, × 12.30 without it …»."""
    time, compute = roles.get("time"), roles.get("compute")
    if time is None or compute is None:
        return None
    values = [
        (time.stacks["reference"].value, "with loading"),
        (compute.stacks["reference"].value, "without it in the reference stack"),
        (compute.stacks["fast"].value, "without it in the fast stack"),
    ]
    if values[1][0] is None:
        return None
    steps = [f"× {number(value, 2)} {words}" for value, words in values if value]
    label, other = time.labels
    text = f"{time.experiment}: {label} over {other}, an epoch: {', '.join(steps)}."
    return Note("headline", text, f"{time.experiment}/{time.network}")


def _measured(row):
    return any(part.n for part in row.stacks.values())


def stand_ins(runs):
    """What is shown for memory and for energy, and why it is that."""
    trained = [run for run in runs if run.epochs is not None]
    chosen = by_stack.quantities(runs)
    told = []
    for kinds in (quantities.MEMORIES, quantities.ENERGIES):
        quantity = next(one for one in chosen if one in kinds)
        passed = kinds[: kinds.index(quantity)]
        lacking = [
            note for kind in passed for note in by_stack.why_empty(trained, kind)
        ]
        why = _reasons(lacking) or "not measured"
        told.append(Note("stand-in", STAND_INS[quantity.name].format(why=why)))
    return told


def _reasons(lacking):
    """Why something was not measured, «on this machine» said once."""
    first, *others = notes.unique(lacking) or [None]
    if first is None:
        return None
    rest = [note.what if note.kind == "not measured" else note.text for note in others]
    return "; ".join([first.text, *rest])


def of_runs(runs, plans=None):
    """What runs lack, flags, other precisions and conditions, a note each."""
    lacking = []
    for run in runs:
        plan = (plans or {}).get(f"{run.experiment}/{run.network}")
        for stage in notes.ALL_STAGES:
            lacking += missing.of_run(run, stage, plan)
    return [
        *lacking,
        *settings_notes(runs, plans),
        *notes.precisions([r for r in runs if not paper.has(r.experiment, r.network)]),
        *notes.flags(runs, *notes.ALL_STAGES),
        *notes.conditions(runs),
    ]


def marked(row, *stages):
    """The label of a row, with † where a run of it is flagged in one of the stages."""
    flagged = any(measured.flags(run, stage) for run in row.runs for stage in stages)
    return f"{row.label} †" if flagged else row.label
