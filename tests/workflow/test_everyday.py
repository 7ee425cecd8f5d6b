"""Snakemake as people use it: without --cores, from anywhere, as a module, in parts."""

import os
import re
import subprocess
import sys

import pytest
import yaml

from project import ROOT, Project
from spikewatt.data import catalogue

pytestmark = pytest.mark.workflow

FIGURE = "results/tiny/figures/fig03.svg"  # the cheapest to draw
ARCHIVE = "resources/sample/archives/mnist/t10k-labels-idx1-ubyte.gz"
TARGETS = (FIGURE, ARCHIVE)
LABELS = "t10k-labels-idx1-ubyte"


def snakemake(folder, *arguments, check=True, env=None):
    """Run Snakemake in `folder`, with nothing added to the arguments; its output."""
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", *map(str, arguments)],
        cwd=folder,
        env=os.environ | {"TMPDIR": str(folder)} | (env or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert "total number of cores" not in done.stdout
    if check:
        assert done.returncode == 0, done.stdout[-6000:]
    return done.stdout


def of(project):
    """The arguments that name a project's Snakefile and its tiny config."""
    folder = project.folder
    return "--snakefile", folder / "Snakefile", "--configfile", folder / "tiny.yaml"


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """A project with one figure drawn and one archive made; not to be changed."""
    project = Project.copy(tmp_path_factory.mktemp("begun") / "project")
    project.snakemake(*TARGETS)
    return project


@pytest.fixture
def elsewhere(tmp_path):
    """An empty folder to work in."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


def planned(output):
    """The messages of the jobs that a dry run plans."""
    return sorted(re.findall(r"^Job \d+: (.+)$", output, flags=re.MULTILINE))


@pytest.mark.parametrize(
    "arguments",
    [
        ["--unlock"],
        ["--summary"],
        ["--detailed-summary"],
        ["--dag"],
        ["--rulegraph"],
        ["--filegraph"],
        ["--report", "x.zip", FIGURE],
        ["--cleanup-metadata", FIGURE],
        ["--list-input-changes"],
        ["--list-changes", "code"],
        ["--lint"],
        ["--touch", *TARGETS],
        ["--dry-run", "--executor", "dryrun"],
        ["--executor", "touch", *TARGETS],
    ],
    ids=" ".join,
)
def test_commands_need_no_cores(begun, tmp_path, arguments):
    project = begun.clone(tmp_path / "project")
    output = snakemake(project.folder, *arguments, "--configfile", "tiny.yaml")
    if "--report" in arguments:
        assert (project.folder / "x.zip").stat().st_size > 10_000
    if arguments[0] in ("--dag", "--rulegraph", "--filegraph"):
        assert "digraph snakemake_dag {" in output


def test_an_archive_of_the_workflow_needs_no_cores(begun, tmp_path):
    """It needs conda, which may be missing here; it gets that far."""
    project = begun.clone(tmp_path / "project")
    arguments = "--archive", "x.tar.gz", FIGURE, "--configfile", "tiny.yaml"
    output = snakemake(project.folder, *arguments, check=False)
    assert (project.folder / "x.tar.gz").exists() or "running conda info" in output


PLUGIN = '''
"""A cluster of one: jobs run here, trainings are refused, and all are noted."""
import subprocess

from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor
from snakemake_interface_executor_plugins.settings import CommonSettings

common_settings = CommonSettings(
    non_local_exec=True,
    implies_no_shared_fs=False,
    job_deploy_sources=False,
    pass_default_storage_provider_args=True,
    pass_default_resources_args=True,
    pass_envvar_declarations_to_cmd=False,
    auto_deploy_default_storage_provider=False,
    init_seconds_before_status_checks=0,
)


class Executor(RemoteExecutor):
    def run_job(self, job):
        with open("submitted.txt", "a") as noted:
            noted.write(f"{job.rule.name} {job.threads}\\n")
        info = SubmittedJobInfo(job=job, external_jobid="1")
        self.report_job_submission(info)

    async def check_active_jobs(self, active_jobs):
        for info in active_jobs:
            command = self.format_job_exec(info.job)
            refused = info.job.rule.name == "train"
            if refused or subprocess.run(command, shell=True).returncode:
                self.report_job_error(info)
            else:
                self.report_job_success(info)
            continue
            yield info

    def cancel_jobs(self, active_jobs):
        pass
'''


@pytest.fixture
def cluster(tmp_path):
    """The environment in which Snakemake has an executor called «here»."""
    package = tmp_path / "plugins" / "snakemake_executor_plugin_here"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(PLUGIN)
    paths = [str(package.parent), os.environ.get("PYTHONPATH", "")]
    return {"PYTHONPATH": os.pathsep.join(filter(None, paths))}


@pytest.mark.parametrize(("threads", "asked"), [("2", 2), ("auto", 8)])
def test_a_cluster_needs_no_cores(begun, tmp_path, cluster, threads, asked):
    project = begun.clone(tmp_path / "project")
    (project.folder / FIGURE).unlink()
    run = "results/tiny/runs/exp1/ann/reference/seed0/epochs.csv"
    arguments = ["--executor", "here", "--jobs", "4", "--configfile", "tiny.yaml"]
    output = snakemake(
        project.folder,
        *(FIGURE, run, *arguments, "--keep-going", "--config", f"threads={threads}"),
        check=False,
        env=cluster,
    )
    noted = (project.folder / "submitted.txt").read_text().splitlines()
    assert "lets one measured job run at a time" in output  # profiles/default
    assert "fig03 1" in noted and f"train {asked}" in noted, output
    assert (project.folder / FIGURE).exists()
    again = f"--config threads={threads} --executor here --jobs 4"
    assert f"{again} --unlock && snakemake" in output


def test_from_another_folder(begun, elsewhere):
    before = sorted(begun.folder.rglob("results/**/*"))
    output = snakemake(elsewhere, *of(begun), "--cores", "1", *TARGETS)
    assert "Figure 3: circuit" in output
    assert all((elsewhere / target).exists() for target in TARGETS)
    assert sorted(begun.folder.rglob("results/**/*")) == before
    dry = snakemake(elsewhere, *of(begun), "--dry-run")
    assert sum(text.startswith("Training ") for text in planned(dry)) == 6


def test_into_another_folder(begun, elsewhere):
    arguments = ["--directory", elsewhere, "--configfile", "tiny.yaml", "--cores", "1"]
    snakemake(begun.folder, *arguments, *TARGETS)
    assert all((elsewhere / target).exists() for target in TARGETS)
    # The same folder, reached in another way, has nothing left to do.
    assert planned(snakemake(elsewhere, *of(begun), "--dry-run", *TARGETS)) == []


def test_the_way_back_from_another_folder(begun, elsewhere):
    folder = elsewhere / "data" / "mnist"
    folder.mkdir(parents=True)
    (folder / f"{LABELS}.gz").write_bytes(b"damaged")
    target = f"resources/local/archives/mnist/{LABELS}.gz"
    given = ["--config", "source=local", "archives=data", "--cores", "1"]
    arguments = [*of(begun), "--directory", "elsewhere", *given, target]
    output = snakemake(elsewhere.parent, *arguments, check=False)
    way_back = (
        f"snakemake {target} --snakefile {begun.folder}/Snakefile "
        "--directory elsewhere "
        f"--configfile {begun.folder}/tiny.yaml --config source=local archives=data "
        "--cores 1"
    )
    assert f"{way_back} --unlock && {way_back}\n" in output


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("-n exp9 --configfile tiny.yaml", ["exp9: nothing", "did you mean «exp"]),
        ("-n exp1/cnn --configfile tiny.yaml", ["exp1 has no network «cnn»"]),
        (
            "-n results/tiny/runs/exp1/cnn/fast/seed0/test.csv --configfile tiny.yaml",
            ["exp1 has no network «cnn»"],
        ),
        (
            "-n --configfile tiny.yaml exp1",
            ["exp1 -n --configfile tiny.yaml"],
        ),
        (
            "-n --config seeds=[0,1] exp1",
            ["snakemake exp1 -n --config 'seeds=[0,1]'"],
        ),
        (
            "-n exp1 --config experiments.exp1.epochs=2",
            ["snakemake -n exp1 --config 'experiments={exp1: {epochs: 2}}'"],
        ),
    ],
)
def test_what_was_meant_is_said_in_a_sentence(begun, line, words):
    output = snakemake(begun.folder, *line.split(), check=False)
    assert "Traceback" not in output and "Exception" not in output
    assert [word for word in words if word not in output] == []


def test_one_network_and_one_experiment_are_targets(begun):
    assert "Training exp1/ann" in snakemake(
        begun.folder, "-n", "exp1/ann", "--configfile", "tiny.yaml"
    )
    output = planned(snakemake(begun.folder, "-n", "exp1", "--configfile", "tiny.yaml"))
    for start in ("Training exp1/snn", "Table exp1/table2", "Figure 10"):
        assert any(text.startswith(start) for text in output), output
    assert not any("exp2" in text for text in output)


def test_a_config_of_the_working_folder_is_no_default(begun, elsewhere):
    (elsewhere / "config.yaml").write_text("nonsense: 1\n")
    assert planned(snakemake(elsewhere, *of(begun), "--dry-run"))


def test_the_projects_defaults_can_be_replaced(begun, elsewhere):
    arguments = [*of(begun), "--dry-run", "--replace-workflow-config"]
    output = snakemake(elsewhere, *arguments, check=False)
    assert "the config is not sound" in output
    assert "'preparation' is a required property" in output


def test_a_moved_project_reruns_nothing(begun, tmp_path):
    moved = begun.clone(tmp_path / "moved")
    assert moved.planned(*TARGETS) == []


def test_a_fresh_clone_makes_no_data_and_trains_nothing_anew(begun, tmp_path):
    """Its files are newer than all results, and as they were."""
    fresh = Project.copy(tmp_path / "fresh")
    for path in (fresh.folder / "workflow").rglob("*"):
        path.touch()
    output = snakemake(begun.folder, *of(fresh), "--dry-run", *TARGETS)
    assert not any(text.startswith("Making") for text in planned(output))


@pytest.mark.parametrize(
    ("added", "rerun"),
    [("CHANGED = 1", ["Figure 3: circuit"]), ("# a comment", [])],
)
def test_a_script_reruns_by_what_it_means(begun, tmp_path, added, rerun):
    project = begun.clone(tmp_path / "project")
    path = project.folder / "workflow" / "scripts" / "figure.py"
    path.write_text(f"{path.read_text()}\n{added}\n")
    assert project.planned(*TARGETS) == rerun


def importing(folder, project, config, snakefile="Snakefile", more=""):
    """A workflow in `folder` that uses `project` as a module."""
    (folder / "Snakefile").write_text(
        "configfile: 'own.yaml'\n"
        "module spikewatt:\n"
        f"    snakefile: '{project.folder}/{snakefile}'\n"
        f"    config: config['spikewatt']\n{more}"
        "use rule * from spikewatt as spikewatt_*\n"
    )
    tiny = yaml.safe_load((project.folder / "tiny.yaml").read_text())
    own = {"spikewatt": tiny | config, "mine": 1}
    (folder / "own.yaml").write_text(yaml.safe_dump(own))


def test_as_a_module(begun, elsewhere):
    importing(elsewhere, begun, {"results": "results/mine", "seeds": [3]})
    figure = "results/mine/figures/fig03.svg"
    snakemake(elsewhere, "--cores", "2", figure, ARCHIVE)
    assert (elsewhere / figure).exists() and (elsewhere / ARCHIVE).exists()
    dry = snakemake(elsewhere, "--dry-run")
    trained = [text for text in planned(dry) if text.startswith("Training ")]
    assert len(trained) == 6 and all("seed 3" in text for text in trained)
    assert "spikewatt_all" in dry
    assert planned(snakemake(elsewhere, "--dry-run", figure, ARCHIVE)) == []
    snakemake(elsewhere, "--report", "x.zip", figure)


def test_a_module_takes_values_of_the_command_line(begun, elsewhere):
    importing(elsewhere, begun, {})
    given = "spikewatt={seeds: [4], training: {learning_rate: 1e-2}}"
    dry = snakemake(elsewhere, "--dry-run", "spikewatt_exp1", "--config", given)
    trained = [text for text in planned(dry) if text.startswith("Training ")]
    assert len(trained) == 2 and all("seed 4" in text for text in trained)


def test_a_module_refuses_a_prefix(begun, elsewhere):
    importing(elsewhere, begun, {}, more="    prefix: 'deep'\n")
    output = snakemake(elsewhere, "--dry-run", check=False)
    assert "prefix" in output and "results:" in output


def test_data_is_what_the_config_needs(tmp_path):
    project = Project.copy(tmp_path / "project")
    everything = project.planned("data")
    assert {text for text in everything if text.startswith("Preparing")} == {
        "Preparing cifar10",
        "Preparing mnist",
        "Preparing nmnist",
    }
    for name in ("config.yaml", "tiny.yaml"):
        path = project.folder / name
        config = yaml.safe_load(path.read_text())
        config["experiments"] = {"exp1": config["experiments"]["exp1"]}
        path.write_text(yaml.safe_dump(config, sort_keys=False))
    needed = project.planned("data")
    assert [text for text in needed if text.startswith("Preparing")] == [
        "Preparing mnist"
    ]
    assert len(needed) == 5 and all("mnist" in text for text in needed)


def local(project, archives, *arguments, env=None, check=True):
    """What Snakemake says of the labels' archive with `source: local`."""
    target = f"resources/local/archives/mnist/{LABELS}.gz"
    given = ["--config", "source=local", f"archives={archives}"]
    arguments = [*of(project), *arguments, target, *given]
    return snakemake(project.folder, *arguments, check=check, env=env)


def test_archives_are_taken_from_where_people_have_them(tmp_path):
    project = Project.copy(tmp_path / "project")
    raw = tmp_path / "home" / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    (raw / LABELS).touch()
    home = {"HOME": str(tmp_path / "home")}
    for file in (LABELS, f"{LABELS}.gz"):  # the archive goes before what it holds
        (raw / file).touch()
        output = local(project, "~/data", "--dry-run", env=home)
        assert planned(output) == [f"Verifying {raw / file}"]


def test_what_is_missing_is_said_before_anything_starts(tmp_path):
    project = Project.copy(tmp_path / "project")
    output = local(project, "/nowhere", "--cores", "1", check=False)
    sentence = next(line for line in output.splitlines() if "of MNIST are not" in line)
    for place in ("mnist", "MNIST/raw"):
        assert f"/nowhere/{place}/{LABELS}.gz" in sentence
    assert f"/nowhere/MNIST/raw/{LABELS}" in sentence
    assert "rule local_archive" in output and "Select jobs" not in output


def test_what_was_taken_once_is_not_asked_for_again(tmp_path):
    project = Project.copy(tmp_path / "project")
    folder = tmp_path / "data" / "mnist"
    folder.mkdir(parents=True)
    (folder / f"{LABELS}.gz").write_bytes(b"content")
    checksum = "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"
    tiny = project.folder / "tiny.yaml"
    known = f"checksums: {{mnist: {{{LABELS}.gz: 'sha256:{checksum}'}}}}\n"
    tiny.write_text(tiny.read_text() + known)
    local(project, folder.parent, "--cores", "1")
    folder.parent.rename(tmp_path / "moved")
    (tmp_path / "moved" / "mnist" / f"{LABELS}.gz").touch()
    assert planned(local(project, tmp_path / "moved", "--dry-run")) == []


def test_what_was_taken_is_used_where_the_folder_is_gone(tmp_path):
    project = Project.copy(tmp_path / "project")
    folder = project.folder / "resources" / "local" / "archives" / "mnist"
    folder.mkdir(parents=True)
    for file in catalogue.MNIST.files:
        (folder / file).touch()
        (folder / f"{file}.sha256").touch()
    given = ["--config", "source=local", "archives=/nowhere"]
    output = snakemake(
        project.folder,
        *(*of(project), "--dry-run", "resources/local/datasets/mnist.safetensors"),
        *given,
    )
    assert planned(output) == ["Preparing mnist"]


def test_the_catalogue_finds_what_it_asks_for(tmp_path):
    """https://snakemake.github.io/snakemake-workflow-catalog, «Adding workflows»."""
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())
    assert usage["usage"]["software-stack-deployment"]["conda"] is True
    assert usage["usage"]["report"] is True
    assert (ROOT / "config" / "README.md").exists()
    words = (ROOT / "README.md").read_text(encoding="utf-8").lower()
    assert "snakemake" in words and "workflow" in words
    project = Project.copy(tmp_path / "project")
    by_default = project.planned()
    assert project.planned("--snakefile", "workflow/Snakefile") == by_default


def test_readme_of_the_config_names_every_overlay():
    text = (ROOT / "config" / "README.md").read_text(encoding="utf-8")
    for path in (ROOT / "config").glob("*.yaml"):
        assert f"`{path.name}`" in text
