"""What models of other hardware say that an inference would cost: estimates."""

from spikewatt.energy import models, published
from spikewatt.results import estimated, operations
from spikewatt.results.notes import Note
from spikewatt.results.table import EMPTY, Table, frame

TITLE = "Estimates, not measurements: the energy of an inference on other hardware"
HEADER = [
    *("Experiment", "Network", "Model", "Kind", "Figures"),
    *("Estimate / µJ", "Its rival's / µJ", "Ratio"),
]
READING = Note(
    "reading",
    "Each estimate is a model's energies times counted operations; none was measured. "
    "What a model leaves out (control, leakage, links off the chip, memory), and its "
    "sources, stand in estimates.csv. A rival multiplies all values, zeros too, "
    "but where a model says that zeros are skipped.",
)
KINDS = Note(
    "reading",
    "Averages of a chip have all in them that it did when it was measured; terms leave "
    "out what is always on: the two are not to be compared. A chip of spiking neurons "
    "runs no rival, so that there is no ratio.",
)
GRADES = Note(
    "reading",
    "Figures: read in the publication, in its authors' code, reported by others from "
    "the publication, or derived here from what it prints.",
)
# From the surest to the least sure: a model is as sure as its least sure figure.
ORDER = ("read", "code", "reported", "derived")


def table(runs):
    """A row a network and model that says something of it.

    CSV columns: experiment, network, rival, model, kind, grade, estimate_j,
    rival_estimate_j, ratio, favours_snn, spikes_per_synapse, steps, leaves_out,
    source, n.
    """
    records, made = [], Table("estimates", TITLE, HEADER, frame([]), keys=3)
    for one in estimated.networks(runs):
        own = [_record(one, model) for model in models.MODELS]
        own = [r for r in own if (r["estimate_j"], r["ratio"]) != (None, None)]
        records += own
        made.add(_rows(one, own))
    made.data = frame(records)
    for note in (READING, KINDS, GRADES):
        made.note(note)
    for text in operations.missing(runs):
        made.note(Note("missing", text))
    return made


def grade(model):
    """How sure a model's figures are: the grade of the least sure one."""
    return max((published.rows()[name]["grade"] for name in model.of), key=ORDER.index)


def _record(one, model):
    first, ratio = one.group[0], one.ratio(model)
    return {
        "experiment": first.experiment,
        "network": first.network,
        "label": first.label,
        "rival": first.against if one.rival else "",
        "model": model.id,
        "title": model.title,
        "kind": model.kind,
        "grade": grade(model),
        "estimate_j": one.energy(model),
        "rival_estimate_j": one.rival_energy(model),
        "ratio": ratio,
        "favours_snn": int(ratio < 1) if one.spiking and ratio is not None else None,
        "spikes_per_synapse": one.spikes_per_synapse,
        "steps": one.steps,
        "leaves_out": model.leaves_out,
        "source": "; ".join(model.sources),
        "n": one.n,
    }


def _rows(one, records):
    rows = [
        [
            *("", "", r["title"], r["kind"], r["grade"]),
            *(_short(r[name], 1e-6) for name in ("estimate_j", "rival_estimate_j")),
            _short(r["ratio"]),
        ]
        for r in records
    ]
    rows[0][:2] = [one.group[0].experiment, one.group[0].label]
    ratios = one.ratios().values()
    if ratios:
        words = f"{_short(min(ratios))} to {_short(max(ratios))}"
        favour = sum(ratio < 1 for ratio in ratios)
        told = f"{favour} of {len(ratios)} favour the SNN" if one.spiking else ""
        rows.append(["", "", "all models", told, "", "", "", words])
    return rows


def _short(value, unit=1.0):
    return EMPTY if value is None else f"{value / unit:.3g}"
