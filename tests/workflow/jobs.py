"""The jobs of the tiny run as `killing.py` takes them, from the run's own files."""

import json
from pathlib import Path

import yaml

from spikewatt.data import catalogue
from spikewatt.figures import registry as figures
from spikewatt.tables import registry as tables

CONFIG = Path(__file__).parents[2] / "config.yaml"
LABELS = {
    experiment: setting["networks"]
    for experiment, setting in yaml.safe_load(CONFIG.read_text(encoding="utf-8"))[
        "experiments"
    ].items()
}
RESULTS, RESOURCES = "results/tiny", "resources/sample"


def job(script, output, input=(), params=(), wildcards=()):
    """What a script of the workflow gets from Snakemake."""
    return {
        "script": f"workflow/scripts/{script}.py",
        "input": input,
        "output": output,
        "params": params,
        "wildcards": wildcards,
        "plain": {
            "log": ["logs/job.log"],
            "threads": 2,
            "resources": {"measured_jobs": 1},
            "config": {
                "tracking": "none",
                "results": RESULTS,
                "device": "cpu",
                "threads": 2,
                "wait": True,
                "loading": "prepared",
            },
        },
    }


def run_of(project, experiment, network):
    """A finished run's folder, relative to the project, and its `run.json`."""
    folder = f"{RESULTS}/runs/{experiment}/{network}/reference/seed0"
    text = (project.folder / folder / "run.json").read_text(encoding="utf-8")
    return folder, json.loads(text)


def test_facts(project, folder):
    """The `test.json` of a run's folder."""
    text = (project.folder / folder / "test.json").read_text(encoding="utf-8")
    return json.loads(text)


def train(project, experiment, network):
    folder, facts = run_of(project, experiment, network)
    outputs = {
        "epochs": "epochs.csv",
        "telemetry": "telemetry.csv",
        "model": "model.safetensors",
        "facts": "run.json",
    }
    return job(
        "train",
        {key: f"{folder}/{name}" for key, name in outputs.items()},
        {"dataset": f"{RESOURCES}/datasets/{facts['config']['dataset']}.safetensors"},
        params={
            "plan": facts["config"],
            "code": facts["code_digest"],
            "checkpoints": folder.replace("/runs/", "/checkpoints/"),
        },
        wildcards={"stack": "reference", "seed": "0"},
    )


# What a test leaves that is not called after it.
OF_A_TEST = (
    *("predictions.csv", "firing_rates.csv", "anytime.csv", "early_exit.csv"),
    *("operations.csv", "inference.csv"),
)


def test(project, experiment, network):
    folder, facts = run_of(project, experiment, network)
    outputs = {
        "row": "test.csv",
        "predictions": "predictions.csv",
        "firing": "firing_rates.csv",
        "anytime": "anytime.csv",
        "exits": "early_exit.csv",
        "operations": "operations.csv",
        "inference": "inference.csv",
        "telemetry": "test_telemetry.csv",
        "facts": "test.json",
    }
    dataset = f"{RESOURCES}/datasets/{facts['config']['dataset']}.safetensors"
    return job(
        "test",
        {key: f"{folder}/{name}" for key, name in outputs.items()},
        {"dataset": dataset, "model": f"{folder}/model.safetensors"},
        params={
            "plan": facts["config"],
            "code": test_facts(project, folder)["code_digest"],
            "checkpoints": folder.replace("/runs/", "/checkpoints/"),
            "single_samples": 2,
        },
        wildcards={"stack": "reference", "seed": "0"},
    )


def prepare(dataset):
    files = catalogue.get(dataset).files
    archives = [f"{RESOURCES}/archives/{dataset}/{name}" for name in files]
    events = {"filter_time_us": 10_000, "bin_us": 20_000}
    return job(
        "prepare",
        [f"{RESOURCES}/datasets/{dataset}.safetensors"],
        {"archives": archives},
        params={"events": {"settings": events, "preparation": "spikewatt"}},
        wildcards={"dataset": dataset},
    )


def local(project, folder, dataset, file):
    """Take an archive of the tiny run from `folder`, as for `source: local`."""
    made = f"{RESOURCES}/archives/{dataset}/{file}"
    record = (project.folder / f"{made}.sha256").read_text(encoding="utf-8")
    archive = f"resources/local/archives/{dataset}/{file}"
    taken = job(
        "local",
        {"archive": archive, "checksum": f"{archive}.sha256"},
        params={"checksum": f"sha256:{record.split()[0]}"},
        wildcards={"dataset": dataset, "file": file},
    )
    taken["plain"]["config"]["archives"] = str(folder)
    return taken


def table(project, name):
    entry = next(entry for entry in tables.ENTRIES if entry.name == name)
    found = results(project)
    params = {"maker": entry.maker, "arguments": {"plans": found["plans"]}, **found}
    params |= {"partial": False, "source": "sample", "stages": entry.stages}
    return job("table", files("tables", entry), params=params)


def figure(project, name):
    entry = next(entry for entry in figures.OVERALL if entry.name == name)
    params = {"maker": entry.maker, "arguments": {}, **results(project)}
    params |= {"partial": False, "stages": entry.stages}
    return job("figure", files("figures", entry), {"datasets": []}, params=params)


def files(folder, entry):
    """The files of a table or figure."""
    return [f"{RESULTS}/{folder}/{entry.name}.{suffix}" for suffix in entry.formats]


def results(project):
    """The runs of the project, and their plans, as tables and figures take them."""
    runs, plans, seen = [], {}, {}
    for path in sorted((project.folder / RESULTS / "runs").glob("*/*/*/*/run.json")):
        experiment, network = path.parts[-5:-3]
        folder, facts = run_of(project, experiment, network)
        position = seen[experiment] = seen.get(experiment, -1) + 1
        plans[f"{experiment}/{network}"] = facts["config"]
        runs.append(
            {
                "experiment": experiment,
                "network": network,
                "stack": "reference",
                "seed": 0,
                "label": LABELS[experiment][network]["label"],
                "folder": folder,
                "position": position,
            }
        )
    return {"runs": runs, "plans": plans}


def write(path, content):
    """Write a job for `killing.py`; returns the path."""
    Path(path).write_text(json.dumps(content), encoding="utf-8")
    return path
