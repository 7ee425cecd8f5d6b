"""What was measured with what, and on which machine."""

import json
from pathlib import Path

import pytest

import made_results
from spikewatt.report import facts
from spikewatt.results import runs


@pytest.fixture
def made(tmp_path):
    """A function that makes runs of exp1; `changes` goes into the first run.json."""

    def make(gpu=True, **changes):
        listed = made_results.make(tmp_path, gpu=gpu, experiments=["exp1"])
        path = Path(listed[0]["folder"]) / "run.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))
        return runs.read_all(listed)

    return make


def test_what_was_not_measured_has_its_reason(made):
    [group] = facts.measured(made(gpu=False))
    assert len(group["runs"]) == 2
    assert group["backends"] == [("host", "")]
    assert group["reasons"] == [
        ("nvml", "no NVIDIA driver: libnvidia-ml.so.1 was not found")
    ]


def test_the_meters_own_words_are_kept(made):
    meter = {
        "backends": ["nvml"],
        "measures": {"nvml": "the board"},
        "definitions": {"gpu_energy_j": "the counter's difference"},
        "device": {"name": "a GPU", "refused": {"gpu_power_w": "not supported"}},
        "rate_hz": 20,
    }
    first, second = facts.measured(made(meter=meter))
    assert first["runs"] == ["exp1/ann/reference/seed0"]
    assert first["backends"] == [("nvml", "the board")]
    assert first["reasons"] == [("gpu_power_w", "not supported")]
    assert first["rate_hz"] == 20
    assert second["runs"] == ["exp1/snn/reference/seed0"]


def test_machines_are_told_apart(made):
    assert len(facts.machines(made())) == 1
    given = {"device": "cpu", "threads": 2}
    groups = facts.machines(
        made(hardware={"cpu": "another", "gpu": None}, conditions=given)
    )
    assert [group["runs"] for group in groups] == [
        ["exp1/ann/reference/seed0"],
        ["exp1/snn/reference/seed0"],
    ]
    assert groups[0]["hardware"] == {"cpu": "another", "gpu": "none"}
    assert [group["conditions"] for group in groups] == [given, {}]


def test_conditions_are_told_once_and_those_of_another_part_too(made):
    earlier = [{"device": "cuda:0", "hardware": "a GPU", "threads": 8}]
    given = {"device": "cpu", "threads": 2, "earlier": earlier}
    hardware = {"cpu": "a CPU", "device": "cpu", "threads_used": 2}
    groups = facts.machines(made(hardware=hardware, conditions=given))
    assert groups[0]["conditions"] == {
        "in part on": "device cuda:0, hardware a GPU, threads 8"
    }
    assert groups[1]["hardware"]["memory, GiB"] == 24.0


def test_damaged_facts_are_passed_over(made):
    read = made(meter="?", hardware=None, config=[1])
    assert facts.measured(read)[0]["reasons"] == []
    assert facts.overview(read)[0]["Epochs"] == "3"


def test_a_run_is_told_in_a_row(made):
    assert facts.overview(made())[0] == {
        "Run": "exp1/ann/reference/seed0",
        "Epochs": "3 of 3",
        "Best epoch": "3",
        "Training samples": "480",
        "Test samples": "200",
        "Started (UTC)": "2026-11-24 10:00",
        "Finished (UTC)": "2026-11-24 10:10",
        "Interruptions": "0",
        "Computed on": "a GPU",
        "Code": "0000000000000000",
    }


def test_a_missing_run_leaves_a_row_of_blanks(tmp_path):
    read = runs.read_all(made_results.expected(tmp_path))
    assert set(facts.overview(read)[0].values()) == {"exp1/ann/reference/seed0", ""}
