"""Fair rivals: what each network of an experiment reaches, and at which cost."""

from spikewatt.results import measured, notes, rivals, stats, versus
from spikewatt.results.converted import COSTS
from spikewatt.results.missing import why_empty
from spikewatt.results.notes import Note, about
from spikewatt.results.protocol import MADE_UP, made_up
from spikewatt.results.rival_costs import TRAINING_ENERGIES, training
from spikewatt.results.table import Table, frame
from spikewatt.results.useful import note_on
from spikewatt.tables import rival_cells

TITLE = "Fair rivals: what each network reaches, and at which cost"
READING = Note(
    "reading",
    "Training is all epochs with their validation. To an accuracy: the epochs up to "
    "and with the first whose validation accuracy reaches it, mean over the seeds that "
    "do; «never» where none does. A converted network's are its source's whole "
    "training and the conversion, its peak memory the conversion's alone.",
)
VERDICT = Note(
    "reading",
    "Verdicts are of the difference in test accuracy, by its 90 % interval and a "
    "margin of {margin:g} point: equivalent within it, better or worse beyond it, "
    "inconclusive otherwise. In the interval are the spread between seeds and that "
    "between the samples of the test.",
)
SINGLE = Note(
    "reading",
    "Latency and what an inference takes are of single samples, after warm-up.",
)


def table(runs, source=None):
    """A row a network of each experiment with more than one pair; see `_record`.

    source: of the data, as in the config. Data that were made up give no verdict.
    """
    fields, fake = rivals.of_runs(runs), made_up(runs, source)
    if fake:
        fields = rivals.without_verdicts(fields)
    made = Table("rivals", TITLE, [], frame([]), keys=2)
    columns = rival_cells.columns(fields)
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
    for note in (*([MADE_UP] if fake else []), *_notes(runs, fields)):
        made.note(note)
    note_on(made)
    return made


def _record(field, rival):
    """A network's row of the CSV; each column's meaning: `results.words_rivals`."""
    first, one = rival.group[0], rival.difference
    record = {
        "experiment": first.experiment,
        "network": first.network,
        "label": first.label,
        "device": field.device,
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
    if any(len(rival.group) > 1 for rival in rivals.everyone(fields)):
        yield notes.INTERVAL
    yield from _stand_ins(fields)
    yield from notes.flags(shown, *notes.ALL_STAGES)
    yield from notes.conditions(shown)


def _stand_ins(fields):
    """Why another energy stands in the place of the GPU's, each reason once."""
    energy = rivals.shown(fields, TRAINING_ENERGIES)
    reasons = {}
    for cost in TRAINING_ENERGIES[: TRAINING_ENERGIES.index(energy)]:
        for rival in rivals.everyone(fields):
            if not stats.present(rival.values[training(cost.name)]).size:
                note = why_empty(rival.group[0], "train", cost.name)
                reasons.setdefault(note.what or note.text, {})[cost.words] = None
    for why, passed_over in reasons.items():
        text = f"{energy.words} stands in the place of {' and '.join(passed_over)}"
        yield Note("stand-in", f"{text}: {why}.")
