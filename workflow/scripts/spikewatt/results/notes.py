"""What a reader must know of runs, as records: flags, unlike machines, and more."""

from dataclasses import asdict, dataclass

from spikewatt.results import measured
from spikewatt.results.conditions import unlike_conditions, unlike_loading
from spikewatt.results.others import sentence, who_else
from spikewatt.results.runs import NETWORK_FLAGS

ALL_STAGES = ("train", "test")


@dataclass(frozen=True)
class Note:
    """A note of a table or figure.

    kind: a word by which programs choose notes («missing», «flag», «reading», …);
    text: the whole sentence; about: the network («exp1/ann») or run that it is about,
    where it is one; what: the sentence without that name; command: what mends it.
    """

    kind: str
    text: str
    about: str | None = None
    what: str | None = None
    command: str | None = None

    def record(self):
        """The note as a dict, without what it does not have."""
        return {key: value for key, value in asdict(self).items() if value is not None}


INTERVAL = Note(
    "interval", "± and brackets are 95 % confidence intervals over n seeds (Student t)."
)


def about(kind, name, what, command=None):
    """A note on one network or run: «exp1/ann: 3 epochs instead of 20.»"""
    return Note(kind, f"{name}: {what}", name, what, command)


def unique(notes):
    """The notes, each once, in their order."""
    return list(dict.fromkeys(notes))


def flags(runs, *stages, mark="† "):
    """A note a flag: what it means, which runs it concerns, and who else computed.

    stages: «train» and «test»; where both are asked for, tests are told apart.
    mark: what marks the flagged, before the sentence; empty where nothing does.
    """
    measured_in, others, meanings = {}, {}, dict(NETWORK_FLAGS)
    for run in runs:
        meanings |= _meanings((run.info or {}).get("meter") or {})
        for stage in stages:
            test = " (test)" if stage == "test" and len(stages) > 1 else ""
            for word, epochs in measured.flags(run, stage).items():
                measured_in.setdefault(word, []).append(_where(run, epochs) + test)
                seen = who_else(word, run, stage, epochs)
                others.setdefault(word, []).extend(seen)
    notes = []
    for word, where in measured_in.items():
        meaning = f", {meanings[word]}" if word in meanings else ""
        text = f"{mark}Flagged «{word}»{meaning}: {'; '.join(where)}."
        text += sentence(others[word])
        notes.append(Note("flag", text, what=word))
    return notes


def conditions(runs):
    """Notes that runs of unlike hardware, threads or loading stand together."""
    sentences = unlike_conditions(runs), unlike_loading(runs)
    return [Note("conditions", one) for one in sentences if one]


def precisions(runs):
    """A note for each run whose products were not in float32."""
    notes = []
    for run in runs:
        precision = ((run.info or {}).get("config") or {}).get("precision")
        if precision not in (None, "float32"):
            what = f"products in {precision} instead of float32."
            notes.append(about("precision", run.name, what))
    return notes


def _meanings(meter):
    """Word → meaning, as run.json has them; older files have them as `flags`."""
    told = meter.get("flag_meanings") or meter.get("flags") or {}
    return {word: what for word, what in told.items() if isinstance(what, str)}


def _where(run, epochs):
    """«exp1/ann/reference/seed0 (epochs 2, 3)», or how many if they are many."""
    if not epochs:
        return run.name
    if len(epochs) > 4:
        return f"{run.name} ({len(epochs)} of {len(run.epochs)} epochs)"
    word = "epoch" if len(epochs) == 1 else "epochs"
    return f"{run.name} ({word} {', '.join(map(str, epochs))})"
