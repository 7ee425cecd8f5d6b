"""The stages of a run and the files that each leaves; nothing here needs pandas."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """A stage: the file with its numbers, the one that says how they came about.

    files: all that tables and figures read of it.
    """

    name: str
    numbers: str
    facts: str
    files: tuple


TRAIN = Stage("train", "epochs.csv", "run.json", ("epochs.csv", "run.json"))
TEST = Stage("test", "test.csv", "test.json", ("test.csv", "test.json", "run.json"))
STAGES = {stage.name: stage for stage in (TRAIN, TEST)}
# What a test tells of single layers stands in a file of its own.
FIRING = Stage(
    *("firing", "firing_rates.csv", "test.json"),
    ("firing_rates.csv", "test.json", "run.json"),
)
ANYTIME = Stage(
    *("anytime", "anytime.csv", "test.json"),
    ("anytime.csv", "early_exit.csv", "test.json", "run.json"),
)
PREDICTIONS = Stage(
    *("predictions", "predictions.csv", "test.json"),
    ("predictions.csv", "test.json", "run.json"),
)
OPERATIONS = Stage(
    *("operations", "operations.csv", "test.json"),
    ("operations.csv", "test.json", "run.json"),
)
INFERENCE = Stage(
    *("inference", "inference.csv", "test.json"),
    ("inference.csv", "test.json", "run.json"),
)
OF_A_TEST = (FIRING, ANYTIME, PREDICTIONS, OPERATIONS, INFERENCE)


def files(*names):
    """The files of the stages of these names, those of a test's parts too, once."""
    known = STAGES | {stage.name: stage for stage in OF_A_TEST}
    return list(dict.fromkeys(file for name in names for file in known[name].files))
