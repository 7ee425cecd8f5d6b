"""What a reader of the stacks' table or figure must know, as sentences."""

from spikewatt.results import by_stack, gaps, measured, remarks
from spikewatt.results.table import INTERVAL, number

COMPARED = "Accuracies: fast − reference in points; all else: fast / reference."
READING = (
    "Rows with two networks are ratios, the second over the first, in each stack. The "
    "mathematics is the same in both: where such a ratio is smaller in fast than in "
    "reference, so much of the second network's extra cost was software; where it is "
    "larger, software had weighed more on the first one. Against a network that does "
    "not spike, what is left in fast is the most that spiking can be blamed for."
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
    found = [*headlines(rows), *one_stack(runs)]
    if len({run.stack for run in runs}) > 1:
        found += [COMPARED, READING]
    found += stand_ins(runs)
    if any(row.seeds > 1 for row in rows):
        found.append(INTERVAL)
    return [*found, *of_runs(runs, plans)]


def one_stack(runs):
    """The note that nothing can be compared, where there is one stack; else none."""
    present = {run.stack for run in runs}
    return [ONE_STACK.format(stack=present.pop())] if len(present) == 1 else []


def headlines(rows):
    """What the ratios of epoch times say, a sentence for each pair of networks."""
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
    second, first = row.label.split(" / ")
    stated = "" if row.paper is None else f" (the paper: {number(row.paper, 2)})"
    return (
        f"{row.experiment}: against {first}, an epoch of {second} takes "
        f"{' and '.join(parts)}{stated}."
    )


def stand_ins(runs):
    """What is shown for memory and for energy, and why it is that."""
    trained = [run for run in runs if run.epochs is not None]
    found = []
    for kinds in (by_stack.MEMORIES, by_stack.ENERGIES):
        chosen = next(one for one in by_stack.quantities(runs) if one in kinds)
        passed = kinds[: kinds.index(chosen)]
        why = [text for kind in passed for text in by_stack.why_empty(trained, kind)]
        first, *others = dict.fromkeys(why or ["not measured"])
        others = [text.removeprefix(f"{gaps.NOT_HERE}: ") for text in others]
        why = "; ".join([first, *others])
        found.append(STAND_INS[chosen.name].format(why=why))
    return found


def of_runs(runs, plans=None):
    """Gaps, flags and different machines, a sentence each."""
    found = []
    for run in runs:
        plan = (plans or {}).get(f"{run.experiment}/{run.network}")
        for stage in ("t1", "t2"):
            found += gaps.of_run(run, stage, plan)
        precision = (run.info or {}).get("config", {}).get("precision")
        if precision not in (None, "float32"):
            found.append(f"{run.name}: products in {precision} instead of float32.")
    return [*found, *remarks.flags(runs, "t1", "t2"), *remarks.machines(runs)]


def marked(row, *stages):
    """The label of a row, with † where a run of it is flagged in one of the stages."""
    flagged = any(measured.flags(run, stage) for run in row.runs for stage in stages)
    return f"{row.label} †" if flagged else row.label
