# What the rules share: the checked config, names of files, and code digests.
# Nothing here may import torch: a dry run answers in about a second.
import functools
import sys

from pathlib import Path

from snakemake.exceptions import WorkflowError

paths = workflow.modifier.path_modifier
# By this file's own place: the working folder may be another, and the workflow too,
# one that has imported this one as a module.
PROJECT = Path(str(workflow.current_basedir)).parents[1]
SCRIPTS = PROJECT / "workflow" / "scripts"
if not SCRIPTS.is_dir():
    raise WorkflowError(
        f"{PROJECT} brings the rules without their library. As a module, spikewatt needs "
        "a clone of its repository: snakefile: 'PATH/Snakefile'"
    )
if paths.prefix or paths.modifies_prefixes:
    raise WorkflowError(
        "As a module, spikewatt takes no prefix: or replace_prefix:, since its rules name "
        "files in their settings too. Say results: in its config"
    )
sys.path.insert(0, str(SCRIPTS))

from snakemake.common.configfile import load_configfile
from snakemake.io import sourcecache_entry
from snakemake.utils import update_config
from spikewatt.workflow import changes, checks, digest, measured, prepared, targets
from spikewatt.workflow.commandline import (
    given_profile,
    retyped,
    snakemake_command,
    was_interrupted,
)
from spikewatt.workflow.config import ConfigError, checked, naming
from spikewatt.workflow.explaining import explain_errors, say, tell_why
from spikewatt.workflow.pairs import against
from spikewatt.workflow.plan import run_plan

# What Snakemake says where another one works in this folder, and the way beside it.
LOCKED = "Directory cannot be locked"
ANOTHER_FOLDER = (
    "To run two at once, give one of them a folder of its own: snakemake -d FOLDER …"
)


def over_defaults(given):
    """The config given to this workflow or module, laid over the project's own.

    `configfile:` would look for it in the working folder, and be skipped in a module.
    """
    if workflow.config_settings.replace_workflow_config:
        return given
    defaults = str(PROJECT / "config.yaml")
    workflow.configfiles.append(defaults)  # what --report and --archive take along
    merged = load_configfile(defaults)
    update_config(merged, given)
    return merged


config = over_defaults(retyped(config, workflow.config_settings.config))
try:
    config = checked(config, PROJECT)
except ConfigError as error:
    raise WorkflowError(str(error))
RESULTS = config["results"]
SOURCE = config["source"]
EXPERIMENTS = config["experiments"]
NETWORKS = [(e, network) for e in EXPERIMENTS for network in EXPERIMENTS[e]["networks"]]
# What stands for a run that is done, and the facts that vouch for it.
RUN_FILES = ("epochs.csv", "test.csv")
WHOLE_RUN = ("epochs.csv", "run.json", "test.csv", "test.json")


wildcard_constraints:
    experiment="|".join(EXPERIMENTS),
    network="|".join({network for _, network in NETWORKS}),
    stack="reference|fast",
    seed=r"\d+",


def source_file(*parts):
    """A file of the library as a rule's input.

    Snakemake records it by its name within the library, so that nothing reruns where
    the project was moved or is started from another folder.
    """
    inside = Path("spikewatt", *parts)
    return sourcecache_entry(str(SCRIPTS / inside), str(inside))


def source_files(folder, pattern):
    """The files of a folder of the library that match `pattern`, as a rule's input."""
    found = sorted((SCRIPTS / "spikewatt" / folder).glob(pattern))
    return [source_file(folder, path.name) for path in found]


def code_digest(script):
    """A digest of what `script` runs, as a parameter: a change of it reruns the rule.

    A function, asked once there is such a job: the process of each job reads all rules,
    and would read all code for those that it does not run.
    """

    @functools.cache
    def of_script():
        return digest.code_digest(SCRIPTS / script, SCRIPTS)

    return lambda wildcards: of_script()


def run_digest(script):
    """As `code_digest`, of the code of a run's stack alone."""

    @functools.cache
    def of_stack(stack):
        return digest.run_digest(SCRIPTS / script, SCRIPTS, stack)

    return lambda wildcards: of_stack(wildcards.stack)


def run_folder(experiment, network, stack, seed):
    """The folder of one run."""
    return f"{RESULTS}/runs/{experiment}/{network}/{stack}/seed{seed}"


def expected_runs(experiments=None, stacks=None, networks=None):
    """All runs of the config, as `spikewatt.results.runs.read` takes them.

    experiments, stacks, networks: names, where not all are wanted.
    """
    return [
        {
            "experiment": experiment,
            "network": network,
            "stack": stack,
            "seed": seed,
            "label": setting["label"],
            "folder": run_folder(experiment, network, stack, seed),
            "position": position,
            "against": against(config, experiment, network),
        }
        for experiment in experiments or EXPERIMENTS
        for position, (network, setting) in enumerate(
            EXPERIMENTS[experiment]["networks"].items()
        )
        if networks is None or network in networks
        for stack in stacks or config["stacks"]
        for seed in config["seeds"]
    ]


def run_files(expected, *names):
    """Files of runs as a rule's input; only those that exist if `allow_missing`."""
    paths = [f"{run['folder']}/{name}" for run in expected for name in names]
    if config["allow_missing"]:
        return [path for path in paths if Path(path).exists()]
    return paths


def run_files_of_all():
    """The files that stand for all runs, facts too, as a rule's input."""
    return run_files(expected_runs(), *WHOLE_RUN)


def asked_runs(experiments, networks=None):
    """What stands for these runs as targets; nothing where none are to be made.

    A function, so that only the targets that are asked for list their files.
    """

    def files(wildcards):
        if config["allow_missing"]:
            return []
        return run_files(expected_runs(experiments, networks=networks), *WHOLE_RUN)

    return files


def plan_of(wildcards):
    """The settings of a run, as one dict (see `spikewatt.workflow.plan`)."""
    return run_plan(config, wildcards.experiment, wildcards.network, wildcards.stack)


def prepared_path(setting):
    """The prepared data set of a network, given as it stands in the config."""
    return f"resources/{SOURCE}/datasets/{prepared.name(config, setting)}.safetensors"


def dataset_of(wildcards):
    """The prepared data set of a run."""
    return prepared_path(
        EXPERIMENTS[wildcards.experiment]["networks"][wildcards.network]
    )


def source_of(wildcards):
    """What a training reads of the run it is converted from: weights first; or nothing.

    It is the run of the same stack and seed.
    """
    setting = EXPERIMENTS[wildcards.experiment]["networks"][wildcards.network]
    if "from" not in setting:
        return []
    stack, seed = wildcards.stack, wildcards.seed
    folder = run_folder(wildcards.experiment, setting["from"], stack, seed)
    return [f"{folder}/model.safetensors", f"{folder}/epochs.csv"]


def planned_networks(wildcards):
    """Each network and stack: its settings, its data, its runs and how many are there.

    A function, so that it is asked for the job alone.
    """
    return [
        {
            "experiment": experiment,
            "network": network,
            "stack": stack,
            "plan": run_plan(config, experiment, network, stack),
            "dataset": prepared_path(EXPERIMENTS[experiment]["networks"][network]),
            "runs": len(config["seeds"]),
            "done": sum(
                Path(run["folder"], RUN_FILES[-1]).exists()
                for run in expected_runs([experiment], [stack], [network])
            ),
        }
        for experiment, network in NETWORKS
        for stack in config["stacks"]
    ]


def again(targets):
    """The command that does the same for these targets."""
    settings = workflow.config_settings
    return snakemake_command(
        settings.configfiles,
        settings.config,
        workflow.resource_settings.cores,
        cluster=(workflow.executor_plugin.name, workflow.resource_settings.nodes),
        profile=given_profile(sys.argv[1:]),
        snakefile=workflow.main_snakefile,
        directory=workflow.overwrite_workdir,
        started_in=workflow.workdir_init,
        targets=targets,
    )


def way_back(logs):
    """What to do after a failure, or after it was told to stop, as its `logs` say."""
    command = again(workflow.dag_settings.targets)
    kept = (
        "What is finished is kept, and a training goes on after its last whole epoch."
    )
    if was_interrupted(logs):
        return (
            f"\nIt was interrupted; nothing failed. {kept} To go on (with what other "
            f"options you gave, if any):\n\n    {command}\n"
        )
    return (
        f"\n{kept} Once the error named above is mended, the way back is this command"
        " (with what other options you gave, if any):\n\n"
        f"    {command} --unlock && {command}\n\n"
        "A module that is missing comes with `make setup`, or with --sdm conda."
    )


# Why a rule's input function stopped the command.
REFUSED = []


def refuse(text):
    """Stop with these words alone, without the traceback of an input function."""
    REFUSED.append(text)
    raise WorkflowError(text)


def explain(message):
    """What to say of the targets that mean nothing, instead of Snakemake's `message`."""
    if LOCKED in message:
        return f"{message}\n{ANOTHER_FOLDER}"
    if REFUSED:
        return REFUSED[-1]
    asked = workflow.dag_settings.targets if workflow.dag_settings else ()
    sentences = [
        targets.of_other_configs(target, other_configs(target))
        or targets.mistaken(target, EXPERIMENTS, RESULTS, known_targets(), is_made)
        or (config["allow_missing"] and targets.refused(target, RESULTS, is_made))
        for target in asked
    ]
    return "\n".join(filter(None, sentences)) or None


def other_configs(target):
    """Config files at hand that hold the experiment that a target asks for in vain."""
    name = target.split("/")[0]
    files = sorted([*Path().glob("*.y*ml"), *Path("config").glob("*.y*ml")])
    return [] if name in EXPERIMENTS else naming(name, files)


def why_again():
    """Lines on why the jobs of a dry run would run, as which setting changed."""
    if not workflow.dryrun:
        return []
    return changes.summary(
        [
            changes.Job(
                title_of(job) if changed else job.rule.name,
                job.rule.name,
                workflow.dag.reason(job),
                changed,
                dict(job.params.items()) if changed else {},
            )
            for job, changed in [
                (job, params_changed(job))
                for job in workflow.dag.needrun_jobs()
                if not job.is_norun
            ]
        ],
        config["training"],
    )


def title_of(job):
    """What a job is called; putting it together takes a third of a plan's last step."""
    return str(job.message or job.rule.name)


def params_changed(job):
    """How a job's parameters changed since its files were made; None of new files.

    Snakemake does not look at them where the job runs anyway, and imports pandas when it
    does, which takes a fifth of a dry run.
    """
    recorded = any(map(workflow.persistence.record_format_version, job.output))
    return workflow.persistence.params_changed(job) if recorded else None


def known_targets():
    """All names and files that can be asked for, but the files of runs."""
    files = [path for rule in workflow.rules for path in rule.products()]
    first = [*checks.TARGETS, *EXPERIMENTS]
    first += [] if config["allow_missing"] else [f"{e}/{n}" for e, n in NETWORKS]
    rules = [rule.name for rule in workflow.rules if not rule.has_wildcards()]
    plain = [str(path) for path in files if not path.contains_wildcard()]
    return list(dict.fromkeys([*first, *rules, *plain]))


def is_made(path):
    """Whether a file is there or a rule makes it."""
    return Path(path).exists() or any(rule.is_producer(path) for rule in workflow.rules)
