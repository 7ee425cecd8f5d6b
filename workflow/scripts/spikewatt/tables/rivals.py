"""Fair rivals: what each network of an experiment reaches, and at which cost."""

import math

from spikewatt.results import latency, measured, notes, rivals, stats, versus
from spikewatt.results.converted import COSTS
from spikewatt.results.missing import why_empty
from spikewatt.results.notes import Note, about
from spikewatt.results.rivals import training
from spikewatt.results.table import EMPTY, Table, frame, signed, spread
from spikewatt.results.useful import no_interval, note_on, useful

TITLE = "Fair rivals: what each network reaches, and at which cost"
# What may stand for energy and memory: name → (heading, unit of the heading).
ENERGY_HEADS = {
    "gpu_energy_j": ("GPU energy / J", 1),
    "cpu_energy_j": ("CPU energy / J", 1),
    "cpu_time_s": ("CPU time / s", 1),
    "inference_j": ("Energy of an inference / mJ", 1e-3),
    "inference_cpu_s": ("CPU time of an inference / ms", 1e-3),
}
MEMORY_HEADS = {
    "peak_gpu_memory_pct": "Peak device memory / %",
    "peak_process_memory_mib": "Peak process memory / MiB",
}
TARGET_HEADS = {"paper": "To the paper's", "weakest": "To the weakest's"}
READING = Note(
    "reading",
    "Training is all epochs with their validation. To an accuracy: the epochs up to and "
    "with the first whose validation accuracy reaches it, mean over the seeds that do; "
    "«never» where none does. A converted network's are its source's whole training and "
    "the conversion, its peak memory the conversion's alone.",
)
VERDICT = Note(
    "reading",
    "Verdicts are of the difference in test accuracy, by its 90 % interval and a margin "
    "of {margin:g} point: equivalent within it, better or worse beyond it, inconclusive "
    "otherwise. In the interval are the spread between seeds and that between the "
    "samples of the test.",
)
SINGLE = Note(
    "reading",
    "Latency and what an inference takes are of single samples, after warm-up.",
)
NO_PAPER = "the paper has no network on these data with these layers"


def table(runs):
    """A row a network of each experiment with more than one pair; see `_record`."""
    fields = rivals.of_runs(runs)
    made = Table("rivals", TITLE, [], frame([]), keys=2)
    columns = _columns(fields)
    made.header = ["Experiment", "Network", *(head for head, _ in columns), "n"]
    records = []
    for field in fields:
        rows = []
        for rival in field.rivals:
            records.append(_record(field, rival))
            cells = [cell(made, field, rival) for _, cell in columns]
            label = f"{rival.label} †" if records[-1]["flags"] else rival.label
            names = ["" if rows else field.name, label]
            rows.append([*names, *cells, str(len(rival.group))])
        made.add(rows)
    made.data = frame(records)
    for note in _notes(runs, fields):
        made.note(note)
    note_on(made)
    return made


def _columns(fields):
    """(heading, function of the table, field and rival that gives the cell) each."""
    energy = rivals.shown(fields, rivals.TRAINING_ENERGIES)
    single = rivals.shown(fields, rivals.INFERENCE_ENERGIES)
    memory = rivals.shown(fields, rivals.MEMORIES)
    head, unit = ENERGY_HEADS[energy]
    return [
        ("Test accuracy / %", _mean("test_accuracy_pct", "test", digits=2)),
        ("Compared with", lambda made, field, rival: _partner(rival)),
        ("Difference / points", _difference),
        ("Verdict", lambda made, field, rival: rival.difference.verdict or EMPTY),
        ("Training / s", _mean(training("time_s"), "train", "train_time_s")),
        (head, _mean(training(energy), "train", energy, unit)),
        *(
            (f"{words}: {of_cost}", _to(target, cost))
            for target, words in TARGET_HEADS.items()
            for cost, of_cost in (("time_s", "time / s"), (energy, head))
        ),
        ("Latency, median / ms", _of_single("latency_median_ms")),
        ("95th percentile / ms", _of_single("latency_p95_ms")),
        (ENERGY_HEADS[single][0], _of_single(single, ENERGY_HEADS[single][1])),
        (MEMORY_HEADS[memory], _mean(memory, "train")),
        ("Parameters / kB", _mean("parameter_bytes", "operations", unit=1e3)),
        ("Spikes or zeros", _activity),
    ]


def _mean(name, stage, column=None, unit=1, digits=None):
    """Cells of a mean; column: of the stage's CSV, which says why it is empty."""

    def cell(made, field, rival):
        text = _shown(name, rival.mean(name), unit, digits)
        if text != EMPTY:
            return text
        reasons = [_why(run, stage, column or name) for run in rival.group]
        return " ".join([EMPTY, *dict.fromkeys(map(made.note, reasons))])

    return cell


def _why(run, stage, column):
    if stage == "operations":
        return about("empty", run.name, "no whole operations.csv")
    return why_empty(run, stage, column)


def _of_single(name, unit=1):
    """Cells of what was measured a sample at a time."""

    def cell(made, field, rival):
        text = _shown(name, rival.mean(name), unit)
        if text != EMPTY:
            return text
        return " ".join([EMPTY, *map(made.note, notes.unique(_why_single(rival)))])

    return cell


def _why_single(rival):
    """Notes on why a network has no latency, or no energy beside it."""
    name = f"{rival.group[0].experiment}/{rival.group[0].network}"
    for run in rival.group:
        if why := latency.why_empty(run):
            yield about("not measured", name, f"{why}.")
        else:
            yield why_empty(run, "test", "cpu_energy_j")


def _to(target, cost):
    """Cells of what it costs to reach a target."""

    def cell(made, field, rival):
        found = rival.to[target, cost]
        if found is None:
            why = NO_PAPER if target == "paper" else "no network was trained"
            return f"{EMPTY} {made.note(about('empty', field.name, f'{why}.'))}"
        if found.never:
            return f"never (0 of {found.seeds})"
        text = _shown(cost, (found.mean, found.half, found.n))
        if text == EMPTY:
            column = COSTS[cost][0]
            reasons = [why_empty(run, "train", column) for run in rival.group]
            return " ".join([EMPTY, *dict.fromkeys(map(made.note, reasons))])
        whole = found.reached == found.seeds
        return text if whole else f"{text} ({found.reached} of {found.seeds} seeds)"

    return cell


def _partner(rival):
    return rival.partner[0].label if rival.partner else EMPTY


def _difference(made, field, rival):
    one = rival.difference
    if one.mean is None:
        return EMPTY
    says = useful("test_accuracy_pct", one.half, one.mean)
    text = spread(one.mean, one.half if says else None, 2, signed)
    return text if says else f"{text} ({no_interval(one.n)})"


def _activity(made, field, rival):
    """«412 spikes» of a spiking network, «63 % zeros» of another's hidden neurons."""
    name = "spikes_per_sample" if rival.spiking else "hidden_sparsity"
    mean, half, n = rival.mean(name)
    unit = 1 if rival.spiking else 0.01
    text = _shown(name, (mean, half, n), unit, None if rival.spiking else 1)
    if text == EMPTY:
        return text
    return f"{text} spikes" if rival.spiking else f"{text} % zeros"


def _shown(name, estimate, unit=1, digits=None):
    """A mean for people with its interval, in `unit`s of the CSV's."""
    mean, half, n = estimate
    if mean is None:
        return EMPTY
    says = useful(name, half, mean)
    digits = _digits(mean / unit) if digits is None else digits
    half = half / unit if half is not None and says else None
    text = spread(mean / unit, half, digits)
    return text if says else f"{text} ({no_interval(n)})"


def _digits(value):
    """Decimals that leave three digits: 584, 81.2, 9.39, 0.0128."""
    if value == 0 or abs(value) >= 100:
        return 0
    return 2 - math.floor(math.log10(abs(value)))


def _record(field, rival):
    """A network's row of the CSV; each column's meaning: `results.words_rivals`."""
    first, one = rival.group[0], rival.difference
    record = {
        "experiment": first.experiment,
        "network": first.network,
        "label": first.label,
        "spiking": int(rival.spiking),
        "against": rival.partner[0].network if rival.partner else "",
        "seeds": len(rival.group),
    }
    for name in rival.values:
        mean, half, n = rival.mean(name)
        record |= {name: mean, f"{name}_ci": half, f"{name}_n": n}
    record |= {
        "difference_points": one.mean,
        "difference_points_ci": one.half,
        "difference_points_n": one.n,
        "difference_low_points": one.low,
        "difference_high_points": one.high,
        "verdict": one.verdict or "",
    }
    for target, asked in field.targets.items():
        record[f"{target}_target_pct"] = asked.pct if asked else None
        for cost in COSTS:
            found = rival.to[target, cost]
            mean, half = (found.mean, found.half) if found else (None, None)
            record |= {f"to_{target}_{cost}": mean, f"to_{target}_{cost}_ci": half}
        found = rival.to[target, "time_s"]
        record[f"{target}_reached"] = found.reached if found else None
        record[f"{target}_seeds"] = found.seeds if found else None
    words = [w for stage in notes.ALL_STAGES for w in _flags(rival, stage)]
    return record | {"flags": " ".join(dict.fromkeys(words))}


def _flags(rival, stage):
    return measured.flag_words(rival.group, stage)


def _notes(runs, fields):
    """What a reader must know of all of it."""
    mine = {field.name for field in fields}
    shown = [run for run in runs if run.experiment in mine]
    if not fields:
        return
    yield READING
    yield Note("reading", VERDICT.text.format(margin=versus.margin()))
    yield SINGLE
    for field in fields:
        asked = [one.words for one in field.targets.values() if one]
        if asked:
            yield about("targets", field.name, f"targets are {' and '.join(asked)}.")
    if any(len(rival.group) > 1 for field in fields for rival in field.rivals):
        yield notes.INTERVAL
    yield from _stand_ins(fields)
    yield from notes.flags(shown, *notes.ALL_STAGES)
    yield from notes.conditions(shown)


def _stand_ins(fields):
    """Why another energy stands in the place of the GPU's, each reason once."""
    energy = rivals.shown(fields, rivals.TRAINING_ENERGIES)
    passed = rivals.TRAINING_ENERGIES[: rivals.TRAINING_ENERGIES.index(energy)]
    told = {}
    for cost in passed:
        for rival in (rival for field in fields for rival in field.rivals):
            if not stats.present(rival.values[training(cost)]).size:
                note = why_empty(rival.group[0], "train", cost)
                told.setdefault(cost, note.what or note.text)
    for cost, why in told.items():
        words = ENERGY_HEADS[cost][0].split(" / ")[0]
        stands = ENERGY_HEADS[energy][0].split(" / ")[0]
        yield Note("stand-in", f"{stands} stands in the place of {words}: {why}.")
