# What the rules share: the checked config, names of files, and code digests.
# Nothing here may import torch: a dry run answers in about a second.
import os
import sys

from pathlib import Path

SCRIPTS = Path(workflow.basedir) / "workflow" / "scripts"
sys.path.insert(0, str(SCRIPTS))

from snakemake.exceptions import WorkflowError
from snakemake.utils import update_config
from spikewatt.workflow import digest
from spikewatt.workflow.commandline import snakemake_command, typed
from spikewatt.workflow.config import ConfigError, checked
from spikewatt.workflow.plan import run_plan

update_config(config, typed(workflow.config_settings.config))
try:
    config = checked(config, Path(workflow.basedir))
except ConfigError as error:
    raise WorkflowError(str(error))
RESULTS = config["results"]
SOURCE = config["source"]
EXPERIMENTS = config["experiments"]


wildcard_constraints:
    experiment="|".join(EXPERIMENTS),
    network="|".join({n for e in EXPERIMENTS.values() for n in e["networks"]}),
    stack="reference|fast",
    seed=r"\d+",


def source_file(*parts):
    """A file of the library as a rule's input, by a path that moves with the project."""
    return os.path.join(os.path.relpath(SCRIPTS), "spikewatt", *parts)


def code_digest(script):
    """A digest of what `script` runs: a change of it reruns the rule."""
    return digest.code_digest(SCRIPTS / script, SCRIPTS)


def run_folder(experiment, network, stack, seed):
    """The folder of one run."""
    return f"{RESULTS}/runs/{experiment}/{network}/{stack}/seed{seed}"


def expected_runs(experiments=None, stacks=None):
    """All runs of the config, as `spikewatt.results.runs.read` takes them."""
    return [
        {
            "experiment": experiment,
            "network": network,
            "stack": stack,
            "seed": seed,
            "label": setting["label"],
            "folder": run_folder(experiment, network, stack, seed),
            "position": position,
            "against": partner_of(experiment, network),
        }
        for experiment in experiments or EXPERIMENTS
        for position, (network, setting) in enumerate(
            EXPERIMENTS[experiment]["networks"].items()
        )
        for stack in stacks or config["stacks"]
        for seed in config["seeds"]
    ]


def partner_of(experiment, network):
    """The network that one is compared with: `against`, or the experiment's first."""
    networks = EXPERIMENTS[experiment]["networks"]
    first = next(iter(networks))
    return networks[network].get("against", None if network == first else first)


def run_files(expected, *names):
    """Files of runs as a rule's input; only those that exist if `allow_missing`."""
    paths = [f"{run['folder']}/{name}" for run in expected for name in names]
    if config["allow_missing"]:
        return [path for path in paths if Path(path).exists()]
    return paths


def experiment_files(experiment):
    """What running one experiment leaves."""
    return run_files(expected_runs([experiment]), "epochs.csv", "test.csv")


def plan_of(wildcards):
    """The settings of a run, as one dict (see `spikewatt.workflow.plan`)."""
    return run_plan(config, wildcards.experiment, wildcards.network, wildcards.stack)


def dataset_of(wildcards):
    """The prepared data set of a run."""
    setting = EXPERIMENTS[wildcards.experiment]["networks"][wildcards.network]
    return f"resources/{SOURCE}/datasets/{setting['dataset']}.safetensors"


def way_back():
    """The one command that goes on after a failure or a kill."""
    settings = workflow.config_settings
    again = snakemake_command(
        settings.configfiles, settings.config, workflow.cores or 1
    )
    return (
        "\nWhat is finished is kept, and a training goes on after its last whole epoch."
        " Once the error named above is mended, the way back is this command (with the"
        f" targets you gave, if any):\n\n    {again} --unlock && {again}\n\n"
        "A module that is missing comes with `make setup`, or with --sdm conda."
    )
