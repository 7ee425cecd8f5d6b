"""Where runs left the paper's protocol, so that a verdict is read for what it is."""

# Samples of the official sets: training (with validation) and test.
SIZES = {"mnist": (60_000, 10_000), "cifar10": (50_000, 10_000)}
SIZES["nmnist"] = SIZES["mnist"]
EPOCHS = {"exp1": 20, "exp2": 30, "exp3": 10}


def protocol_notes(runs, plans, source):
    """Sentences on what was done otherwise than in the paper; empty if nothing.

    plans: «experiment/network» → settings of its runs; source: of the data, «sample»
    means made-up data.
    """
    found = []
    if source == "sample":
        found.append(
            "The data were made up on the spot (source: sample), so that no verdict "
            "says anything about the paper."
        )
    for run in runs:
        plan = plans.get(f"{run.experiment}/{run.network}", {})
        name = f"{run.experiment}/{run.network}"
        sizes = SIZES.get(plan.get("dataset"), (None, None))
        for words, is_, should in (
            ("training samples", _training_samples(run), sizes[0]),
            ("test samples", _test_samples(run), sizes[1]),
            ("epochs", _epochs(run), EPOCHS.get(run.experiment)),
        ):
            if None not in (is_, should) and is_ != should:
                found.append(f"{name}: {is_:,} {words} instead of {should:,}.")
        if _precision(run) not in (None, "float32"):
            found.append(f"{name}: products in {_precision(run)} instead of float32.")
    return list(dict.fromkeys(found))


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
