"""What a change makes Snakemake run again, read from what a dry run plans."""

import json
import sys
import time

import pytest

from project import Project

pytestmark = pytest.mark.workflow

LIBRARY = "workflow/scripts/spikewatt"


def kinds(planned):
    """The first word of each planned job's message."""
    return {message.split()[0] for message in planned}


def trained(planned):
    """The runs that are trained, as «exp1/ann»."""
    return {
        message.split()[1] for message in planned if message.startswith("Training ")
    }


def test_nothing_is_left_to_do(complete):
    assert complete.planned() == []


def test_a_learning_rate_reruns_its_trainings_and_what_follows(project):
    config = "experiments={exp1: {networks: {ann: {training: {learning_rate: 0.01}}}}}"
    planned = project.planned("--config", config)
    assert trained(planned) == {"exp1/ann"}
    assert not {"Preparing", "Making"} & kinds(planned)
    assert any("Figure 10" in message for message in planned)
    assert not any("Figure 11" in message for message in planned)


def test_a_common_learning_rate_reruns_all_trainings(project):
    planned = project.planned("--config", "training={learning_rate: 0.01}")
    assert len(trained(planned)) == 6


def test_beta_does_not_reach_the_non_spiking_networks(project):
    planned = project.planned("--config", "neuron={beta: 0.9}")
    assert trained(planned) == {
        "exp1/snn",
        "exp2/snn",
        "exp3/snn_mnist",
        "exp3/snn_nmnist",
    }


def test_swapped_values_are_seen(project):
    planned = project.planned(
        "--config", "loss={correct_rate: 0.2, incorrect_rate: 0.8}"
    )
    assert len(trained(planned)) == 4


def test_a_precision_does_not_reach_the_reference_stack(project):
    project.edit("config.yaml", "precision: float32", "precision: bfloat16")
    assert project.planned() == []


def test_a_precision_retrains_the_fast_stack(project):
    targets = [
        f"results/tiny/runs/exp1/ann/{stack}/seed0/test.csv"
        for stack in ("reference", "fast")
    ]
    both = "stacks=[reference,fast]"
    project.snakemake(*targets, "--config", both)
    assert project.planned(*targets, "--config", both) == []
    planned = project.planned(*targets, "--config", both, "precision=tf32")
    assert [text for text in planned if text.startswith("Training ")] == [
        "Training exp1/ann (fast stack, seed 0)"
    ]
    project.snakemake(*targets, "--config", both, "precision=tf32")
    facts = (project.folder / targets[1]).parent / "run.json"
    assert json.loads(facts.read_text())["config"]["precision"] == "tf32"


def test_an_edit_reruns_the_runs_of_its_stack_alone(project):
    """And one of what only tells of a run reruns nothing."""
    targets = [
        f"results/tiny/runs/exp1/ann/{stack}/seed0/test.csv"
        for stack in ("reference", "fast")
    ]
    arguments = (*targets, "--config", "stacks=[reference,fast]")
    project.snakemake(*arguments)
    for module, stacks in {
        "stack/fast/kernels.py": {"fast"},
        "stack/precision.py": {"fast"},
        "stack/reference.py": {"reference"},
        "tracking/tracker.py": set(),
    }.items():
        path = project.folder / LIBRARY / module
        whole = path.read_bytes()
        path.write_bytes(whole + b"\nCHANGED = 1\n")
        planned = [text for text in project.planned(*arguments) if "exp1/ann" in text]
        path.write_bytes(whole)
        assert planned == sorted(
            f"{verb} exp1/ann ({stack} stack, seed 0)"
            for verb in ("Training", "Testing")
            for stack in stacks
        )


@pytest.mark.parametrize("change", ["threads=1", "device=auto", "device=cuda:1"])
def test_conditions_rerun_nothing(complete, change):
    assert complete.planned("--config", change) == []


@pytest.mark.parametrize("kind", ["wandb", "tensorboard"])
def test_recording_elsewhere_reruns_nothing(complete, kind):
    assert complete.planned("--config", f"tracking={kind}") == []


def test_a_figure_module_retrains_nothing(project):
    path = project.folder / LIBRARY / "figures" / "style.py"
    path.write_text(path.read_text() + "\nCHANGED = 1\n")
    planned = project.planned()
    assert planned and not trained(planned)
    assert all("igure" in message or "eport" in message for message in planned)


def test_another_label_retrains_nothing(project):
    config = "experiments={exp1: {networks: {ann: {label: Dense}}}}"
    planned = project.planned("--config", config)
    assert planned and not trained(planned)


def test_the_loop_retrains_and_tests_everything(project):
    project.edit(
        f"{LIBRARY}/train/loop.py",
        "training = optimiser is not None",
        "training = not (optimiser is None)",
    )
    planned = project.planned()
    assert len(trained(planned)) == 6
    assert "Preparing" not in kinds(planned)


def test_only_the_test_stage_imports_the_scores(project):
    path = project.folder / LIBRARY / "train" / "scores.py"
    path.write_text(path.read_text() + "\nCHANGED = 1\n")
    planned = project.planned()
    assert not trained(planned)
    assert sum(message.startswith("Testing ") for message in planned) == 6


def test_comments_and_docstrings_rerun_nothing(project):
    path = project.folder / LIBRARY / "train" / "loop.py"
    text = path.read_text().replace('"""One training loop', '"""A single training loop')
    path.write_text("# A comment.\n" + text)
    assert project.planned() == []


def test_a_dry_run_is_quick_and_never_imports_torch(tmp_path):
    """torch is made impossible to import; the seconds are reported, not judged."""
    project = Project.copy(tmp_path / "project")
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    for name in ("torch", "snntorch", "matplotlib", "numba"):
        text = f"raise ImportError('{name} is not to be imported by a dry run')\n"
        (blocked / f"{name}.py").write_text(text)
    started = time.monotonic()
    done = project.snakemake("--dry-run", env={"PYTHONPATH": str(blocked)})
    sys.stderr.write(f"a dry run took {time.monotonic() - started:.1f} s\n")
    assert "This was a dry-run" in done.stdout


@pytest.mark.parametrize("target", ["all", "exp1", "exp2", "exp3", "tables", "figures"])
def test_targets(complete, tmp_path, target):
    planned = Project.copy(tmp_path / "project").planned(target)
    networks = trained(planned)
    if target.startswith("exp"):
        assert {name.split("/")[0] for name in networks} == {target}
    else:
        assert len(networks) == 6


def test_a_single_file_is_a_target(tmp_path):
    project = Project.copy(tmp_path / "project")
    planned = project.planned("results/tiny/runs/exp1/snn/reference/seed0/test.csv")
    assert trained(planned) == {"exp1/snn"}
    assert sum(message.startswith("Testing ") for message in planned) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("colour=red", ["'colour'", "known keys"]),
        ("neuron={beta: 1.2}", ["neuron.beta", "1.2", "maximum: 1"]),
        ("training={validation_fraction: 1}", ["training.validation_fraction"]),
        ("results=../x", ["results"]),
    ],
)
def test_a_bad_config_stops_before_any_job(tmp_path, change, words):
    project = Project.copy(tmp_path / "project")
    done = project.snakemake("--config", change, check=False)
    assert done.returncode != 0
    assert "Job 1" not in done.stdout and "Traceback" not in done.stdout
    for word in words:
        assert word in done.stdout
