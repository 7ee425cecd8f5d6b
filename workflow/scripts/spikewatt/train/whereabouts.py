"""Where the prepared data of a finished run lies, told by its digest.

A run's folder does not say where its data is: results and data may have been moved
together. Snakemake's working folder is somewhere above it and has `resources/`.
"""

from pathlib import Path

from spikewatt.data import arrays
from spikewatt.train.vouched import NotLoadable, command


def dataset(run, given=None):
    """The path of the prepared file that `run` was trained and tested on.

    run: a `vouched.Vouched`; given: the file, where the user names it. Raises
    NotLoadable where it is gone, or prepared otherwise; arrays.DatasetError where the
    file that was named is damaged.
    """
    if run.tested["data_digest"] != run.facts["data_digest"]:
        raise NotLoadable(
            f"{run.name} was tested on data that was prepared after its training; "
            f"{command('/'.join(run.name.split('/')[:2]), run.folder)} brings it up to "
            "date"
        )
    found = candidates(run) if given is None else [Path(given).expanduser()]
    if not found:
        raise NotLoadable(f"{_gone(run)}; {_brought_back(run)}")
    if missing := [path for path in found if not path.exists()]:
        raise NotLoadable(f"there is no file {missing[0]}; {_brought_back(run)}")
    damaged = None
    for path in found:
        try:
            if arrays.digest(path) == run.facts["data_digest"]:
                return path
        except arrays.DatasetError as error:
            damaged = damaged or error
    if damaged:
        raise damaged
    path, differing = min(
        ((path, differences(run, path)) for path in found),
        key=lambda pair: len(pair[1]),
    )
    raise NotLoadable(
        f"{path} is not the data of {run.name}: {'; '.join(differing)}. "
        f"Where the config says again what it said then, {_brought_back(run)}"
    )


def candidates(run):
    """Prepared files of the run's data set, in the folders above it and here."""
    name, source = run.facts["config"]["dataset"], run.facts.get("data_source") or "*"
    above = (*run.folder.absolute().parents, *run.folder.resolve().parents, Path.cwd())
    found = []
    for place in dict.fromkeys(above):
        for file in (f"{name}.safetensors", f"{name}_bin*.safetensors"):
            found += sorted(place.glob(f"resources/{source}/datasets/{file}"))
    return found


def differences(run, path):
    """In what the prepared file `path` differs from the run's data, as sentences."""
    here, there = arrays.load(path).origin, run.facts["data"]
    told = [
        f"{key} is {here.get(key)} instead of {there.get(key)}"
        for key in sorted({*here, *there} - {"checksums"})
        if here.get(key) != there.get(key)
    ]
    if here.get("checksums") != there.get("checksums"):
        told.append("it comes from other archives")
    return told or ["its content is another"]


def _gone(run):
    source = run.facts.get("data_source") or "*"
    name = run.facts["config"]["dataset"]
    return (
        f"the data of {run.name} is gone: nowhere above {run.folder} is a file "
        f"resources/{source}/datasets/{name}….safetensors"
    )


def _brought_back(run):
    """The command that prepares the run's data again, and the way without it."""
    source, plan = run.facts.get("data_source") or "official", run.facts["config"]
    # Event data's own settings may be in the name of its file; `data` makes all.
    target = "data"
    if not plan.get("events"):
        target = f"resources/{source}/datasets/{plan['dataset']}.safetensors"
    archives = " archives=FOLDER" if source == "local" else ""
    config = f" --config source={source}{archives}" if source != "official" else ""
    return (
        f"{command(target + config, run.folder)} brings it back. A file that lies "
        "elsewhere is given as spikewatt.load(folder, data=FILE)"
    )
