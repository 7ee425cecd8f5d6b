"""Kills at random points: whatever is killed, run again it ends with the same files.

SPIKEWATT_KILLS=<n> multiplies the number of kills, SPIKEWATT_KILL_SEED draws others;
SPIKEWATT_KILLS_COUNTED=<file> gets a line for each job that survived its kills.
`make soak` sets them all.
"""

import contextlib
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import jobs
from alike import differences
from file_server import Server
from project import ROOT, Project

pytestmark = pytest.mark.workflow

TIMES = int(os.environ.get("SPIKEWATT_KILLS", "1"))
SEED = int(os.environ.get("SPIKEWATT_KILL_SEED", "2024"))
COUNTED = os.environ.get("SPIKEWATT_KILLS_COUNTED")
RESULTS = Path("results") / "tiny"


def killed(project, job, kills):
    """Run a job in `project`, killed `kills` times; returns what `killing` tells."""
    path = jobs.write(
        project.folder / "job.json", job | {"kills": kills * TIMES, "seed": SEED}
    )
    (project.folder / "tmp").mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "workflow" / "killing.py"), str(path)],
        cwd=project.folder,
        env=os.environ
        | {
            "TMPDIR": str(project.folder / "tmp"),
            "PYTHONPATH": str(project.folder / "workflow" / "scripts"),
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-6000:]
    told = json.loads(Path(f"{path}.done").read_text(encoding="utf-8"))
    assert len(told["struck"]) == kills * TIMES
    if COUNTED:
        with open(COUNTED, "a", encoding="utf-8") as handle:
            handle.write(f"{len(told['struck'])} {job['script']}\n")
    return told


@pytest.mark.parametrize(
    "experiment, network, kills",
    [("exp1", "ann", 6), ("exp1", "snn", 4), ("exp3", "snn_nmnist", 2)],
)
def test_training(complete, project, experiment, network, kills):
    job = jobs.train(project, experiment, network)
    killed(project, job, kills)
    folder = Path(job["output"]["facts"]).parent
    assert differences(project.folder / folder, complete.folder / folder) == []
    facts = json.loads((project.folder / folder / "run.json").read_text())
    assert facts["interruptions"] <= kills * TIMES
    kept = project.folder / job["params"]["checkpoints"]
    assert not kept.exists()
    finished = Path(f"{kept}.finished")  # links, until Snakemake has accepted the run
    trained = sorted(Path(path).name for path in job["output"].values())
    assert sorted(path.name for path in finished.iterdir()) == trained


def test_testing(complete, project):
    job = jobs.test(project, "exp1", "snn")
    killed(project, job, 2)
    folder = Path(job["output"]["facts"]).parent
    assert differences(project.folder / folder, complete.folder / folder) == []


@pytest.mark.parametrize("dataset", ["mnist", "nmnist"])
def test_preparation(complete, project, dataset):
    job = jobs.prepare(dataset)
    killed(project, job, 3)
    path = Path(job["output"][0])
    whole = (complete.folder / path).read_bytes()
    assert (project.folder / path).read_bytes() == whole
    assert [p.name for p in (project.folder / path).parent.glob(".*scratch*")] == []


def test_taking_archives_from_a_folder(complete, project):
    archives = complete.folder / "resources" / "sample" / "archives"
    job = jobs.local(project, archives, "mnist", "train-images-idx3-ubyte.gz")
    killed(project, job, 3)
    whole = (archives / "mnist" / "train-images-idx3-ubyte.gz").read_bytes()
    assert (project.folder / job["output"]["archive"]).read_bytes() == whole
    record = (project.folder / job["output"]["checksum"]).read_text()
    assert record.split()[0] == hashlib.sha256(whole).hexdigest()


def test_download(tmp_path):
    content = random.Random(SEED).randbytes(2**20)
    project = Project(tmp_path)
    project.folder.joinpath("workflow").symlink_to(ROOT / "workflow")
    with Server(content).running() as server:
        params = {
            "url": server.url("good"),
            "checksum": "md5:" + hashlib.md5(content).hexdigest(),
            "size": len(content),
        }
        job = jobs.job("fetch_made", ["archives/archive.bin"], params=params)
        job["script"] = str(ROOT / "tests" / "workflow" / "fetch_made.py")
        killed(project, job, 4)
    assert (tmp_path / "archives" / "archive.bin").read_bytes() == content


@pytest.mark.parametrize("name", ["table1", "table2"])
def test_tables(complete, project, name):
    killed(project, jobs.table(project, name), 2)
    folder = RESULTS / "tables"
    assert differences(project.folder / folder, complete.folder / folder) == []


def test_a_figure(complete, project):
    job = jobs.figure(project, "fig_epoch_times")
    killed(project, job, 3)
    folder = RESULTS / "figures"
    assert differences(project.folder / folder, complete.folder / folder) == []


def start(project, *targets):
    """Snakemake in a process group of its own."""
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *targets]
    return subprocess.Popen(
        [*command, "--configfile", "tiny.yaml"],
        cwd=project.folder,
        env=os.environ | {"TMPDIR": str(project.folder / "tmp")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=_heed_signals,
    )


def _heed_signals():
    """As from a terminal: who starts tests in the background may have them ignored."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def script_of(snakemake, name):
    """The process that runs the script `name` for Snakemake, waited for."""
    while snakemake.poll() is None:
        for process in psutil.Process(snakemake.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):  # it may be gone by now
                words = process.cmdline()  # none while it starts or ends
                if words and "python" in words[0] and words[-1].endswith(f".{name}.py"):
                    return process
        time.sleep(0.02)
    raise AssertionError(f"{name} never ran:\n{snakemake.stdout.read()}")


@pytest.mark.parametrize("victim", ["job", "snakemake", "group"])
def test_snakemake_itself(complete, project, victim):
    """The way back is one command, whoever dies; an orphan is waited for."""
    (project.folder / "tmp").mkdir(exist_ok=True)
    folder = RESULTS / "runs" / "exp1" / "snn" / "reference" / "seed0"
    target = str(folder / "test.csv")
    for path in (project.folder / folder).iterdir():
        path.unlink()
    snakemake = start(project, target)
    job = script_of(snakemake, "train")
    checkpoint = project.folder / "results/tiny/checkpoints/exp1/snn/reference/seed0"
    while not list(checkpoint.glob("epoch_*")):
        assert job.is_running(), snakemake.stdout.read()
        time.sleep(0.01)
    time.sleep(random.Random(SEED + len(victim)).uniform(0, 0.3))
    if victim == "group":
        os.killpg(snakemake.pid, signal.SIGKILL)
    else:
        (job if victim == "job" else snakemake).send_signal(signal.SIGKILL)
    if victim == "job":
        told = snakemake.communicate()[0]
        back = f"--unlock && snakemake {target} --configfile tiny.yaml --cores 2"
        assert back in told
    snakemake.wait()
    project.snakemake("--unlock", target)
    project.snakemake(target)
    assert differences(project.folder / folder, complete.folder / folder) == []
    facts = json.loads((project.folder / folder / "run.json").read_text())
    assert facts["interruptions"] == (0 if victim == "snakemake" else 1)
    assert project.planned(target) == []
