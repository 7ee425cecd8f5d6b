"""Through a real Slurm of one node: the same files, killed jobs go on, no other work.

The plugin is looked for in SPIKEWATT_SLURM or .venv/slurm, where `make slurm` puts it.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

import jobs
import slurm_cluster
from alike import differences
from project import ROOT, Project

pytestmark = pytest.mark.workflow

PLUGIN = Path(os.environ.get("SPIKEWATT_SLURM", ROOT / ".venv" / "slurm"))
ARGUMENTS = (
    *("--workflow-profile", "profiles/slurm", "--configfile", "tiny.yaml"),
    # Not as patient as one has to be with a real cluster.
    *("--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "10"),
)
WAIT_S = 180


@pytest.fixture(scope="module")
def plugin():
    """The folder of Snakemake's plugin; skips where it is missing."""
    if not (PLUGIN / "snakemake_executor_plugin_slurm").is_dir():
        pytest.skip(f"no plugin for Slurm in {PLUGIN}: make slurm")
    return PLUGIN


@pytest.fixture(scope="module")
def cluster(plugin, tmp_path_factory):
    """A Slurm of one node; skips where it or Snakemake's plugin is missing."""
    absent = slurm_cluster.missing()
    if absent:
        pytest.skip(f"{', '.join(absent)} missing: apt-get install slurm-wlm")
    # Slurm's own paths are short, and pytest's are not.
    made = slurm_cluster.Cluster(tmp_path_factory.mktemp("slurm") / "s")
    try:
        made.start()
        yield made
    finally:
        made.stop()


def environment(project, cluster):
    """Where Snakemake finds the cluster and its plugin."""
    (project.folder / "tmp").mkdir(exist_ok=True)
    paths = filter(None, [str(PLUGIN), os.environ.get("PYTHONPATH", "")])
    return {
        **os.environ,
        **cluster.env,
        "PYTHONPATH": os.pathsep.join(paths),
        "TMPDIR": str(project.folder / "tmp"),
    }


def submit(project, cluster, *targets_and_options):
    """A Snakemake that submits the jobs of the project."""
    return subprocess.Popen(
        [sys.executable, "-m", "snakemake", *targets_and_options, *ARGUMENTS],
        cwd=project.folder,
        env=environment(project, cluster),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextlib.contextmanager
def submitted(project, cluster, *targets_and_options):
    """As `submit`, and ended at the end."""
    process = submit(project, cluster, *targets_and_options)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.communicate()


def wait_for(true, process):
    """Wait until `true()` gives something, which is returned."""
    deadline = time.monotonic() + WAIT_S
    while not (found := true()):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            pytest.fail(f"it did not come to that:\n{process.communicate()[0]}")
        time.sleep(0.05)
    return found


def of_rule(cluster, rule, state):
    """The numbers of the jobs of a rule that are in a state."""
    return [
        number
        for number, (found, told) in cluster.jobs().items()
        if found == state and told.startswith(f"rule_{rule}")
    ]


def test_slurm_leaves_the_same_files(complete, project, cluster):
    """From prepared data to a table, by jobs alone, as without Slurm."""
    results = Path(jobs.RESULTS)
    folder, _ = jobs.run_of(project, "exp1", "ann")
    for path in (project.folder / folder).iterdir():
        path.unlink()
    (project.folder / results / "tables" / "table1.csv").unlink()
    targets = [f"{folder}/test.csv", str(results / "tables" / "table1.csv")]
    with submitted(project, cluster, *targets) as process:
        told = process.communicate()[0]
    assert process.returncode == 0, told
    assert len(re.findall("has been submitted with SLURM jobid", told)) == 3, told
    assert differences(project.folder / folder, complete.folder / folder) == []
    header = (project.folder / targets[-1]).read_text().splitlines()[0]
    assert header == (complete.folder / targets[-1]).read_text().splitlines()[0]
    assert project.planned(*targets) == []
    # What was kept for the jobs has gone with the one who submitted them.
    assert list((project.folder / ".snakemake" / "spikewatt").iterdir()) == []


def fresh(complete, folder):
    """A project with data and without any result."""
    project = Project.copy(folder)
    data = "resources"
    shutil.copytree(
        complete.folder / data, project.folder / data, copy_function=shutil.copy2
    )
    return project


def lengthened(complete, folder, epochs):
    """As `fresh`, with trainings that are long enough to be met under way."""
    project = fresh(complete, folder)
    path = project.folder / "tiny.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    config["experiments"]["exp1"]["epochs"] = epochs
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return project


def under_way(cluster, kept, epoch, process):
    """The number of the job that has trained that far."""

    def reached():
        names = [path.stem for path in kept.glob("epoch_*.safetensors")]
        return any(int(name.removeprefix("epoch_")) >= epoch for name in names)

    wait_for(reached, process)
    return wait_for(lambda: of_rule(cluster, "train", "RUNNING"), process)[0]


def test_a_training_goes_on_after_preemption_and_cancelling_with_the_same_bytes(
    complete, cluster, tmp_path
):
    """Slurm starts it again after the first, Snakemake after the second."""
    folder = f"{jobs.RESULTS}/runs/exp1/snn/reference/seed0"
    target = f"{folder}/run.json"
    whole = lengthened(complete, tmp_path / "whole", 30)
    whole.snakemake(target)
    cut = lengthened(complete, tmp_path / "cut", 30)
    kept = cut.folder / folder.replace("/runs/", "/checkpoints/")
    with submitted(cut, cluster, target) as process:
        number = under_way(cluster, kept, 2, process)
        cluster.run("scontrol", "requeue", number)
        wait_for(lambda: of_rule(cluster, "train", "PENDING"), process)
        # Slurm lets a job rest for two minutes.
        cluster.run("scontrol", "update", f"jobid={number}", "starttime=now")
        assert under_way(cluster, kept, 6, process) == number
        cluster.run("scancel", number)
        told = process.communicate(timeout=WAIT_S)[0]
    assert process.returncode == 0, told
    assert "Trying to restart job" in told, told
    facts = json.loads((cut.folder / target).read_text(encoding="utf-8"))
    assert facts["interruptions"] == 2
    assert differences(cut.folder / folder, whole.folder / folder) == []


def test_code_that_changed_while_a_job_was_queued_is_not_run(
    complete, cluster, tmp_path
):
    """Snakemake's issue 3234; and what the job in the queue asks for."""
    project = fresh(complete, tmp_path / "project")
    target = f"{jobs.RESULTS}/runs/exp1/ann/reference/seed0/run.json"
    node = "nodename=" + cluster.run("sinfo", "-h", "-o", "%n").strip()
    cluster.run("scontrol", "update", node, "state=drain", "reason=test")
    options = "--restart-times", "0", "--config", "device=auto"
    with submitted(project, cluster, target, *options) as process:
        (number,) = wait_for(lambda: of_rule(cluster, "train", "PENDING"), process)
        asked = cluster.run("scontrol", "show", "job", number)
        module = project.folder / "workflow/scripts/spikewatt/train/objective.py"
        with module.open("a") as handle:
            handle.write("\nANOTHER = True\n")
        cluster.run("scontrol", "update", node, "state=resume")
        told = process.communicate(timeout=WAIT_S)[0]
    assert process.returncode, told
    log = project.folder / jobs.RESULTS / "logs" / "exp1_ann_reference_seed0_train.log"
    assert "since this job was submitted, its code changed" in log.read_text(), told
    assert not (project.folder / target).exists()
    for wanted in (r"TresPerJob=gres:gpu:1\b", r"NumCPUs=2\b", r"Requeue=1\b"):
        assert re.search(wanted, asked), asked
    memory = re.search(r"MinMemoryNode=(\d+)M", asked)
    assert memory and 3000 <= int(memory[1]) < 4000, asked
    # 10 minutes to start, and next to nothing.
    assert re.search(r"TimeLimit=00:1[0-4]:00", asked), asked


class NoGpu:
    """A cluster of which no more is there than what `sinfo` says."""

    def __init__(self, folder):
        folder.mkdir()
        sinfo = folder / "sinfo"
        sinfo.write_text("#!/bin/sh\necho '64|256000|(null)'\n")
        sinfo.chmod(0o755)
        self.env = {"PATH": os.pathsep.join([str(folder), os.environ["PATH"]])}


def test_a_job_that_no_node_can_run_is_refused_before_it_waits_for_ever(
    plugin, tmp_path
):
    project = Project.copy(tmp_path / "project")
    target = f"{jobs.RESULTS}/runs/exp1/ann/reference/seed0/run.json"
    cluster = NoGpu(tmp_path / "bin")
    with submitted(project, cluster, target, "--config", "device=auto") as process:
        told = process.communicate(timeout=WAIT_S)[0]
    assert process.returncode == 1
    wanted = "it asks for 1 GPU, and the largest node has none (--config device=cpu"
    assert wanted in told and "Traceback" not in told, told
