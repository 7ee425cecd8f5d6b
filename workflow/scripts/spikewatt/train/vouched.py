"""The files of a finished run, each compared with what vouches for it.

`run.json` and `test.json` hold the digests of what training and testing wrote. What has
changed since, or is missing, is said in a sentence with the command that makes it anew.
No torch here: what is wrong is known at once.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from spikewatt.files import contents
from spikewatt.results import runs

RUN_JSON, TEST_JSON = "run.json", "test.json"
MODEL, EPOCHS = "model.safetensors", "epochs.csv"
ROW, PREDICTIONS = "test.csv", "predictions.csv"
# What is asked of each: (keys, files that it vouches for, the file to make it by).
ASKED = {
    RUN_JSON: (
        (*runs.RUN_COLUMNS, "config", "data", "data_digest"),
        (MODEL, EPOCHS),
        MODEL,
    ),
    TEST_JSON: (("model", "data_digest", "conditions"), (ROW, PREDICTIONS), ROW),
}
SHAPE = "<results>/runs/<experiment>/<network>/<stack>/seed<k>"
SAME_CONFIG = "with the --configfile and --config of these results"


class NotLoadable(ValueError):
    """A run cannot be opened; the message says why, and what to do."""


@dataclass(frozen=True)
class Vouched:
    """The files of one finished run, whole and of one piece.

    facts: run.json; tested: test.json; results: the numbers of its epochs and its test;
    predictions: predictions.csv, in the order of the test.
    """

    folder: Path
    facts: dict
    tested: dict
    results: runs.Run
    predictions: pd.DataFrame

    @property
    def name(self):
        """«exp1/snn/reference/seed0»."""
        return self.results.name


def read(folder):
    """The `Vouched` files in a run's folder; NotLoadable where they are not whole."""
    folder = Path(folder).expanduser()
    facts = _json(folder, RUN_JSON) if (folder / RUN_JSON).exists() else _no_run(folder)
    if not (folder / TEST_JSON).exists():
        command = _command(folder, ROW, force=(folder / ROW).exists())
        raise NotLoadable(f"{folder} is trained but not tested; {command} tests it")
    tested = _json(folder, TEST_JSON)
    if tested["model"] != facts["outputs"][MODEL]:
        raise NotLoadable(
            f"{folder / ROW} is the test of other weights than {MODEL} beside it; "
            f"{_command(folder, ROW)} tests these"
        )
    names = {name: facts[name] for name in runs.RUN_COLUMNS}
    results = runs.read(**names, label=facts["network"], folder=folder)
    for problem in results.problems.values():
        raise NotLoadable(problem)
    predictions = pd.read_csv(folder / PREDICTIONS)
    return Vouched(folder, facts, tested, results, predictions)


def working_folder(folder):
    """The folder above `folder` that Snakemake was run in, or None if none looks so."""
    for above in Path(folder).absolute().parents:
        if (above / ".snakemake").is_dir() or (above / "resources").is_dir():
            return above
    return None


def command(target, folder, options=""):
    """«`snakemake …` in FOLDER (with …)»: the command that makes `target` anew.

    target: a path below the working folder of the run in `folder`, or a name.
    """
    place = working_folder(folder)
    elsewhere = place is not None and place != Path.cwd()
    where = f" in {place}" if elsewhere else ""
    return f"`snakemake --cores 1 {options}{target}`{where} ({SAME_CONFIG})"


def _command(folder, file, force=True):
    place, target = working_folder(folder), (folder / file).absolute()
    base = place or Path.cwd()
    if target.is_relative_to(base):
        target = target.relative_to(base)
    return command(target, folder, "--force " if force else "")


def _json(folder, name):
    """A file that vouches for others, and for all that is asked of it here."""
    keys, files, target = ASKED[name]
    try:
        facts = json.loads((folder / name).read_text(encoding="utf-8"))
        lacking = [key for key in keys if key not in facts]
        lacking += [file for file in files if file not in facts["outputs"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotLoadable(
            f"{folder / name} is damaged ({error!r}); "
            f"{_command(folder, target)} makes it anew"
        ) from error
    if lacking:
        raise NotLoadable(
            f"{folder / name} does not say {', '.join(lacking)}: another version of "
            f"spikewatt wrote it; {_command(folder, target)} makes it anew"
        )
    for file in files:
        _verify(folder, file, facts["outputs"][file])
    return facts


def _verify(folder, file, digest):
    path = folder / file
    if not path.exists():
        what = "is missing"
    elif contents.sha256(path) != digest:
        what = "was changed after its run wrote it"
    else:
        return
    raise NotLoadable(f"{path} {what}; {_command(folder, file)} makes it anew")


def _no_run(folder):
    """Raise the sentence on a folder that holds no run."""
    if folder.is_file():
        raise NotLoadable(f"{folder} is a file; give the run's folder, {folder.parent}")
    if _checkpoints(folder).is_dir():
        raise NotLoadable(
            f"{folder} is not finished: its training goes on, or was cut; "
            f"{_command(folder, ROW, force=False)} trains it to its end and tests it"
        )
    shape = f"A run's folder is {SHAPE}"
    if not folder.is_dir():
        raise NotLoadable(f"there is no folder {folder} in {os.getcwd()}. {shape}")
    below = [path.parent for path in _below(folder)]
    hint = f"; there are {', '.join(map(str, below))}" if below else ""
    raise NotLoadable(f"{folder} is no run: it has no {RUN_JSON}. {shape}{hint}")


def _checkpoints(folder):
    """Where the training of the run in `folder` keeps what it has learnt so far."""
    parts = folder.absolute().parts
    return Path(*parts[:-5], "checkpoints", *parts[-4:])


def _below(folder, most=5):
    """The first runs below a folder: from `results` a run is five folders down."""
    # Not what waits beside checkpoints: seed0.finished.
    patterns = ["*/" * depth + f"seed*[0-9]/{RUN_JSON}" for depth in range(6)]
    found = (path for pattern in patterns for path in sorted(folder.glob(pattern)))
    return [path for path, _ in zip(found, range(most), strict=False)]
