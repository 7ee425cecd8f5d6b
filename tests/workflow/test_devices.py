"""`--resources gpu=8` on a machine of four GPUs: four runs at once, one on each.

The driver is a fake and no GPU computes: the script of a training is replaced by one
that takes a device as it does, and says when and with what.
"""

import json
import subprocess
import sys

import pytest

import fake_nvml
from project import Project

UUIDS = [f"GPU-{number}" for number in range(4)]
TRAIN = """
import json, os, time
from pathlib import Path
from spikewatt.meter import devices
def main(snakemake):
    with devices.taken(snakemake.config["device"], what="stub"):
        told = {
            "uuid": os.environ.get("CUDA_VISIBLE_DEVICES"),
            "threads": snakemake.threads,
            "jobs": snakemake.resources.get("measured_jobs", 1),
            "begin": time.monotonic(),
        }
        time.sleep(1.0)
        told["end"] = time.monotonic()
    for path in snakemake.output:
        Path(path).write_text(json.dumps(told))
if "snakemake" in globals():
    main(snakemake)
"""


@pytest.fixture
def stubbed(tmp_path):
    """A project whose trainings compute nothing, and a machine with four GPUs."""
    project = Project.copy(tmp_path / "project")
    script = project.folder / "workflow" / "scripts" / "train.py"
    script.write_text(TRAIN)
    data = project.folder / "resources" / "sample" / "datasets" / "mnist.safetensors"
    data.parent.mkdir(parents=True)
    data.touch()
    boards = [line for uuid in UUIDS for line in (f"device {uuid}", "name Fake A100")]
    (tmp_path / "nvml").write_text("\n".join(["t0 0", *boards]) + "\n")
    return project


def trained(project, tmp_path, *arguments, seeds=range(6), **environment):
    """What the trainings of exp1/ann said, by seed."""
    folder = "results/tiny/runs/exp1/ann/reference"
    targets = [f"{folder}/seed{seed}/run.json" for seed in seeds]
    (project.folder / "tmp").mkdir(exist_ok=True)
    env = fake_nvml.environment(tmp_path / "nvml") | environment
    for name in ("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER"):
        env.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", *targets, "--configfile", "tiny.yaml"]
        + ["--allowed-rules", "train", *arguments],
        cwd=project.folder,
        env=env | {"TMPDIR": str(project.folder / "tmp")} | environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    texts = [(project.folder / target).read_text() for target in targets]
    return [json.loads(text) for text in texts]


def most_at_once(spans):
    """How many of the (begin, end) hold at the same moment, at most."""
    return max(
        sum(begin <= moment < end for begin, end in spans) for moment, _ in spans
    )


@pytest.mark.skipif(not fake_nvml.available(), reason="gcc is missing")
def test_four_runs_at_once_on_four_devices_share_the_cores(stubbed, tmp_path):
    asked = ["--cores", "9", "--resources", "gpu=8", "--config", "device=auto"]
    told = trained(stubbed, tmp_path, *asked)
    spans = [(one["begin"], one["end"]) for one in told]
    assert most_at_once(spans) == 4
    assert {one["uuid"] for one in told} == set(UUIDS)
    for uuid in UUIDS:
        own = [(one["begin"], one["end"]) for one in told if one["uuid"] == uuid]
        assert most_at_once(own) == 1
    # 9 cores for 4 jobs: 2 each
    assert {(one["threads"], one["jobs"]) for one in told} == {(2, 4)}


@pytest.mark.skipif(not fake_nvml.available(), reason="gcc is missing")
def test_without_a_gpu_they_run_one_at_a_time_with_all_cores(stubbed, tmp_path):
    asked = ["--cores", "4", "--resources", "gpu=8", "--config", "device=auto"]
    environment = {"FAKE_NVML": str(tmp_path / "none")}
    told = trained(stubbed, tmp_path, *asked, seeds=range(2), **environment)
    assert most_at_once([(one["begin"], one["end"]) for one in told]) == 1
    assert {(one["threads"], one["jobs"]) for one in told} == {(4, 1)}
    assert {one["uuid"] for one in told} == {None}
