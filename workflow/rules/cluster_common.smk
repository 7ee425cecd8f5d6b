# What a measured job is given: cores and a GPU of this machine, or what it asks a
# cluster for. On a cluster, which comes without --cores, a job is parsed three times: by
# who submits it, by the job, and by its step. All come to the same numbers.
import atexit
import contextlib
import os

from spikewatt.files import shared
from spikewatt.workflow import demands, nodes, planned
from spikewatt.workflow.explaining import once_planned

SAMPLE = (
    {split: config["sample"][split] for split in ("train", "test")}
    if SOURCE == "sample"
    else {}
)


# Cores that jobs of several threads are given where nothing says how many.
MOST_CORES = 8


def on_cluster():
    """Whether jobs are submitted from here, or this is one that was."""
    return workflow.resource_settings.cores is None or workflow.remote_exec


@functools.cache
def jobs_at_once():
    """How many runs are measured side by side, by --resources gpu=<n> and the GPUs here.

    On a cluster a job has a machine of its own, as far as is known here.
    """
    limit = workflow.global_resources.get("gpu")
    limit = getattr(limit, "value", limit)
    if on_cluster() or not limit or limit < 2:
        return 1
    from spikewatt.meter import devices  # asks the driver: only where it counts

    return measured.at_once(limit, len(devices.choosable(config["device"])[0]))


def measured_jobs(wildcards):
    """The same for a measured job, which shares out the threads of `auto` by it."""
    return jobs_at_once()


def measured_cores(wildcards):
    """The cores of a measured job: all, so that no figure is drawn beside it.

    With a GPU each, several run at once and share them. On a cluster the threads it
    computes with, or 8 for `auto`; `--set-threads train=…` says otherwise. Asked for
    each job, never while parsing: most commands come without --cores.
    """
    if on_cluster():
        return cores_of_a_node()
    cores = workflow.resource_settings.cores
    return measured.cores(cores, config["threads"], jobs_at_once())


def cores_of_a_node():
    """The cores that a cluster's job of several threads asks for."""
    given = config["threads"]
    return given if isinstance(given, int) else MOST_CORES


def measured_gpus(wildcards):
    """The GPUs of a measured job.

    On one machine always one, which stands for its turn: the limit of profiles/default
    keeps it to one at a time, without a GPU too. A cluster is asked for none where the
    config computes on the CPU.
    """
    return 0 if on_cluster() and config["device"] == "cpu" else 1


@functools.cache
def run_demands(experiment, network, stack):
    """What the jobs of a run ask for: {"memory", "training", "testing"}, MB and minutes.

    By what `snakemake plan` found, or by the network's size.
    """
    plan = run_plan(config, experiment, network, stack)
    found = demands.read(RESULTS, f"{experiment}/{network}/{stack}", plan)
    return {"memory": demands.memory_mb(plan, SAMPLE, found)} | {
        stage: demands.minutes(stage, plan, stack, config["device"], SAMPLE, found)
        for stage in ("training", "testing")
    }


def run_memory(wildcards, attempt):
    """MB that a run's job asks for; more where it has failed before."""
    names = wildcards.experiment, wildcards.network, wildcards.stack
    return attempt * run_demands(*names)["memory"]


def run_minutes(stage):
    """Minutes that a run's job of «training» or «testing» asks for.

    Twice as many at the second attempt: an epoch may not have fitted into the first.
    """

    def asked(wildcards, attempt):
        names = wildcards.experiment, wildcards.network, wildcards.stack
        return min(attempt * run_demands(*names)[stage], demands.MOST_MINUTES)

    return asked


def planned_memory(wildcards):
    """MB for `snakemake plan`, which goes through all networks."""
    return max(run_demands(*names, config["stacks"][0])["memory"] for names in NETWORKS)


# What is kept for submitted jobs until this process ends.
FOR_JOBS = contextlib.ExitStack()
ONE_AT_A_TIME = (
    "gpu=1 of profiles/default lets one measured job run at a time, on a cluster too: "
    "--workflow-profile profiles/slurm has no such limit (docs/CLUSTER.md)"
)


def tell_jobs(record):
    """Write down what the jobs of a cluster are to do, and keep a lock for them to see."""
    if workflow.dryrun or not on_cluster() or not workflow.is_main_process:
        return
    if getattr(workflow.global_resources.get("gpu"), "value", None) == 1:
        say(ONE_AT_A_TIME)
    jobs = [job for job in workflow.dag.needrun_jobs() if job.log]
    refuse_endless_waiting(jobs)
    folder = Path(workflow.persistence.path).absolute() / "spikewatt"
    path = folder / f"planned-{os.getpid()}.json"
    planned.write(path, {str(job.log[0]): dict(job.params.items()) for job in jobs})
    os.environ[planned.VARIABLE] = str(path)
    FOR_JOBS.callback(path.unlink, missing_ok=True)
    FOR_JOBS.enter_context(shared.witness(folder / f"witness-{os.getpid()}"))


def refuse_endless_waiting(jobs):
    """Stop where no node of the cluster has what one of the jobs asks for."""
    if workflow.executor_plugin.name != "slurm":
        return
    found = nodes.seen()
    for job in jobs:
        name, has = job.rule.name, job.resources
        asked = nodes.NodeSize(has.get("gpu", 0), job.threads, has.get("mem_mb", 0))
        lacks = nodes.lacking(name, asked, found)
        if lacks:
            refuse(f"Slurm would let {name} wait for ever: it asks for {lacks}")


if workflow.is_main_process:
    # Of a Snakemake in whose job this one was started.
    for name in (planned.VARIABLE, shared.WITNESS):
        os.environ.pop(name, None)
    atexit.register(FOR_JOBS.close)
    once_planned(tell_jobs)
