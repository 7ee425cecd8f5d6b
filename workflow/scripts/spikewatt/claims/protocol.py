"""Where runs left the paper's protocol, so that a verdict is read for what it is."""

from dataclasses import dataclass

from spikewatt import paper

# Samples of the official sets: training (with validation) and test.
SIZES = {"mnist": (60_000, 10_000), "cifar10": (50_000, 10_000)}
SIZES["nmnist"] = SIZES["mnist"]
EPOCHS = {"exp1": 20, "exp2": 30, "exp3": 10}
MADE_UP = (
    "The data were made up on the spot (source: sample), so that no number or verdict "
    "says anything about the paper or about real data"
)


@dataclass(frozen=True)
class Deviation:
    """One thing done otherwise than in the paper.

    network: «exp1/ann», or None where it concerns all; what: in words, no full stop.
    """

    network: str | None
    what: str

    @property
    def sentence(self):
        return f"{self.network}: {self.what}." if self.network else f"{self.what}."


def deviations(runs, plans, source):
    """What was done otherwise than in the paper, as a list of `Deviation`, each once.

    Networks that the paper does not have can't leave its protocol. plans:
    «experiment/network» → settings of its runs; source: of the data, «sample» means
    made-up data.
    """
    found = [Deviation(None, MADE_UP)] if source == "sample" else []
    table = paper.table1()[["experiment", "network"]]
    published = set(table.itertuples(index=False, name=None))
    for run in runs:
        if (run.experiment, run.network) in published:
            name = f"{run.experiment}/{run.network}"
            plan = plans.get(name, {})
            found += [Deviation(name, what) for what in _of_run(run, plan)]
    return list(dict.fromkeys(found))


def protocol_notes(runs, plans, source):
    """`deviations` as sentences."""
    return [deviation.sentence for deviation in deviations(runs, plans, source)]


def _of_run(run, plan):
    """What of one run is not as in the paper, in words."""
    sizes = SIZES.get(plan.get("dataset"), (None, None))
    for words, is_, should in (
        ("training samples", _training_samples(run), sizes[0]),
        ("test samples", _test_samples(run), sizes[1]),
        ("epochs", _epochs(run), EPOCHS.get(run.experiment)),
    ):
        if None not in (is_, should) and is_ != should:
            yield f"{is_:,} {words} instead of {should:,}"
    if _precision(run) not in (None, "float32"):
        yield f"products in {_precision(run)} instead of float32"


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
