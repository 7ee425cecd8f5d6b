"""Where runs left the paper's protocol, so that a verdict is read for what it is."""

from spikewatt import paper
from spikewatt.results import notes
from spikewatt.results.notes import Note

# Samples of the official sets: training (with validation) and test.
SIZES = {"mnist": (60_000, 10_000), "cifar10": (50_000, 10_000)}
SIZES["nmnist"] = SIZES["mnist"]
MADE_UP = Note(
    "protocol",
    "The data were made up on the spot (source: sample), so that no number or verdict "
    "says anything about the paper or about real data.",
)


def protocol_notes(runs, plans, source):
    """Notes on what was done otherwise than in the paper; empty if nothing.

    plans: «experiment/network» → settings of its runs; source: of the data, «sample»
    means made-up data. Notes on one network have it as `about` and the rest as `what`;
    networks that the paper does not have are passed over.
    """
    told = []
    if source == "sample":
        told.append(MADE_UP)
    for run in runs:
        stated = paper.networks().get((run.experiment, run.network))
        if stated is None:
            continue
        plan = plans.get(f"{run.experiment}/{run.network}", {})
        name = f"{run.experiment}/{run.network}"
        sizes = SIZES.get(plan.get("dataset"), (None, None))
        for words, is_, should in (
            ("training samples", _training_samples(run), sizes[0]),
            ("test samples", _test_samples(run), sizes[1]),
            ("epochs", _epochs(run), int(stated["epochs"])),
        ):
            if None not in (is_, should) and is_ != should:
                what = f"{is_:,} {words} instead of {should:,}."
                told.append(notes.about("protocol", name, what))
        if _precision(run) not in (None, "float32"):
            what = f"products in {_precision(run)} instead of float32."
            told.append(notes.about("protocol", name, what))
    return notes.unique(told)


def _training_samples(run):
    if run.epochs is None:
        return None
    total = (run.epochs["train_samples"] + run.epochs["val_samples"]).max()
    return int(total) if total == total else None  # NaN is not itself


def _test_samples(run):
    if run.test is None or run.test["samples"] != run.test["samples"]:
        return None
    return int(run.test["samples"])


def _precision(run):
    return ((run.info or {}).get("config") or {}).get("precision")


def _epochs(run):
    return None if run.epochs is None else len(run.epochs)
