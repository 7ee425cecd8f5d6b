"""Finished runs made for tests: the tiny workflow's, in a folder like a project's."""

from pathlib import Path

import yaml
from snakemake.utils import update_config

from spikewatt.data import catalogue, prepare, sample
from spikewatt.train import machine, testing, training
from spikewatt.workflow.plan import run_plan

ROOT = Path(__file__).parents[2]
CONDITIONS = machine.Conditions("cpu", 1)


def config():
    """The tiny workflow's config, as Snakemake makes it."""
    settings = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    tiny = ROOT / "tests" / "workflow" / "tiny.yaml"
    update_config(settings, yaml.safe_load(tiny.read_text(encoding="utf-8")))
    return settings


def dataset(project, name, settings=None):
    """Make the sample data `name` where the workflow has it; its prepared file."""
    settings = settings or config()
    base = Path(project) / "resources" / "sample"
    archives, prepared = base / "archives" / name, base / "datasets"
    archives.mkdir(parents=True, exist_ok=True)
    prepared.mkdir(exist_ok=True)
    for file in catalogue.DATASETS[name].files:
        sample.make(name, file, archives / file, **settings["sample"])
    output = prepared / f"{name}.safetensors"
    prepare.prepare(name, archives, output, settings["events"])
    return output


def run(project, experiment, network, stack, seed=0, tested=True, **changes):
    """Train and test one network where the workflow would; the folder of the run."""
    plan = run_plan(config(), experiment, network, stack) | changes
    prepared = prepared_of(project, plan["dataset"])
    name = f"{experiment}/{network}/{stack}/seed{seed}"
    folder = Path(project) / "results" / "runs" / name
    kept = Path(project) / "results" / "checkpoints" / name
    identity = (plan, prepared, stack, seed, "code")
    training.Training(*identity, kept, CONDITIONS).run(folder)
    if tested:
        model = folder / "model.safetensors"
        testing.test(*identity, model, folder, CONDITIONS)
    return folder


def prepared_of(project, name):
    """The prepared file of a data set, made where it is not there yet."""
    path = Path(project) / "resources" / "sample" / "datasets" / f"{name}.safetensors"
    return path if path.exists() else dataset(project, name)
