"""Snakemake in odd surroundings: folders, archives, homes, locales, a second one."""

import os
import shutil
import subprocess
import sys

import filelock
import pandas as pd
import pytest
import yaml

import jobs
from project import Project
from test_kills import script_of, start

pytestmark = pytest.mark.workflow

ODD = "Ordner mit Lücken & $(touch pwned); 'x'"
IMAGES = "results/tiny/figures/fig01.svg"


def take_from(complete, folder, overlay):
    """Put the sample archives into `folder` and the config that takes them there."""
    source = complete.folder / "resources" / "sample" / "archives"
    shutil.copytree(source, folder)
    sums = {
        dataset.name: {
            path.stem: f"sha256:{path.read_text().split()[0]}"
            for path in dataset.glob("*.sha256")
        }
        for dataset in source.iterdir()
    }
    settings = yaml.safe_load(overlay.read_text(encoding="utf-8"))
    settings |= {"source": "local", "archives": str(folder), "checksums": sums}
    overlay.write_text(yaml.safe_dump(settings), encoding="utf-8")


@pytest.mark.parametrize("locale", ["C", "de_DE.UTF-8"])
def test_spaces_umlauts_and_shell_words_in_folders(complete, tmp_path, locale):
    """In the project's and in the archives' path; no shell sees them."""
    project = Project.copy(tmp_path / "Projekt mit Lücken")
    take_from(complete, tmp_path / ODD, project.folder / "tiny.yaml")
    env = {"LC_ALL": locale, "LANG": locale}
    project.snakemake(IMAGES, env=env)
    assert (project.folder / IMAGES).stat().st_size > 1000
    assert not list(tmp_path.rglob("pwned"))


def test_a_home_that_is_not_there(complete, project):
    """numba and matplotlib do without; Snakemake needs a cache, which make names."""
    folder, _ = jobs.run_of(project, "exp1", "snn")
    for path in (project.folder / folder).glob("test*"):
        path.unlink()
    env = {"HOME": "/proc/none", "XDG_CACHE_HOME": str(project.folder / "cache")}
    project.snakemake(f"{folder}/test.csv", env=env)
    (project.folder / IMAGES).unlink()
    project.snakemake(IMAGES, env=env)


def test_measured_jobs_never_overlap(complete):
    """Twelve of them, six trainings and six tests, were queued on two cores."""
    spans = []
    for path in (complete.folder / "results" / "tiny" / "runs").rglob("*telemetry.csv"):
        moments = pd.read_csv(path)["monotonic_s"]
        spans.append((moments.min(), moments.max()))
    spans.sort()
    assert len(spans) == 12
    ends = [end for _, end in spans]
    assert all(end < begin for end, (begin, _) in zip(ends, spans[1:], strict=False))


def test_a_second_snakemake_is_refused(project):
    """The first one's locks stand; its results come out unharmed."""
    folder, _ = jobs.run_of(project, "exp1", "ann")
    whole = (project.folder / folder / "model.safetensors").read_bytes()
    for path in (project.folder / folder).iterdir():
        path.unlink()
    (project.folder / "tmp").mkdir(exist_ok=True)
    first = start(project, f"{folder}/run.json")
    job = script_of(first, "train")
    job.suspend()  # or it would have ended before the second began
    second = project.snakemake(f"{folder}/run.json", check=False)
    job.resume()
    told = first.communicate()[0]
    assert second.returncode and "--unlock" in second.stdout
    assert first.returncode == 0, told
    assert (project.folder / folder / "model.safetensors").read_bytes() == whole


def test_a_second_snakemake_without_locks_waits_for_the_run(project):
    """`--nolock`: the run's own lock keeps them apart."""
    folder, _ = jobs.run_of(project, "exp1", "ann")
    whole = (project.folder / folder / "model.safetensors").read_bytes()
    for path in (project.folder / folder).iterdir():
        path.unlink()
    kept = project.folder / folder.replace("/runs/", "/checkpoints/")
    kept.parent.mkdir(parents=True, exist_ok=True)
    (project.folder / "tmp").mkdir(exist_ok=True)
    with filelock.FileLock(f"{kept}.lock"):
        second = start(project, "--nolock", f"{folder}/run.json")
        for line in second.stdout:
            if f"waiting for process {os.getpid()}" in line:
                break
        else:
            pytest.fail("it did not wait")
        assert not (project.folder / folder / "run.json").exists()
    second.communicate()
    assert second.returncode == 0
    assert (project.folder / folder / "model.safetensors").read_bytes() == whole


def test_one_core_is_enough(project):
    """`taskset`, as a container with one core."""
    if not shutil.which("taskset"):
        pytest.skip("taskset is missing")
    folder, _ = jobs.run_of(project, "exp1", "ann")
    (project.folder / folder / "test.csv").unlink()
    (project.folder / "tmp").mkdir(exist_ok=True)
    command = ["taskset", "-c", str(min(os.sched_getaffinity(0))), sys.executable]
    done = subprocess.run(
        [*command, "-m", "snakemake", "--cores", "1", f"{folder}/test.csv"]
        + ["--configfile", "tiny.yaml"],
        cwd=project.folder,
        env=os.environ | {"TMPDIR": str(project.folder / "tmp")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_a_missing_library_is_named_with_the_way_out(project, tmp_path):
    folder, _ = jobs.run_of(project, "exp1", "ann")
    (project.folder / folder / "test.csv").unlink()
    (tmp_path / "snntorch.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'snntorch'\")\n"
    )
    env = {"PYTHONPATH": str(tmp_path)}
    done = project.snakemake(f"{folder}/test.csv", check=False, env=env)
    assert done.returncode
    assert "No module named 'snntorch'" in done.stdout
    assert "make setup" in done.stdout and "--sdm conda" in done.stdout
