"""`make gpu` without a card: what it says, its rehearsal, and how it goes on."""

import json
import os
import subprocess
import sys
import time

import pandas as pd
import pytest

import fake_nvml
from project import ROOT
from spikewatt.meter.backends.nvml import library
from spikewatt.meter.errors import Unavailable

WHERE = {"name": "a card", "uuid": "GPU-1", "driver": "1", "rehearsal": True}


@pytest.fixture
def bench(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "bench")


def gpu(folder, *arguments, environment=os.environ):
    command = [sys.executable, str(ROOT / "bench" / "gpu.py"), "--folder", str(folder)]
    return subprocess.run(
        [*command, *arguments],
        env=environment | {"TMPDIR": str(folder)},
        capture_output=True,
        text=True,
    )


def test_without_a_card_it_says_so_in_a_sentence_and_ends_well(tmp_path):
    try:
        library()
    except Unavailable as error:
        why = str(error)
    else:
        pytest.skip("an NVIDIA driver answers here")
    done = gpu(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1
    assert "no NVIDIA GPU" in done.stdout and why in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not fake_nvml.available(), reason="no C compiler")
def test_a_card_that_torch_cannot_use_is_named(tmp_path):
    fake_nvml.write(tmp_path / "script", "name Big GPU")
    environment = fake_nvml.environment(tmp_path / "script")
    hidden = {"CUDA_VISIBLE_DEVICES": fake_nvml.UUID}  # no real one has that
    done = gpu(tmp_path, environment=environment | hidden)
    assert done.returncode == 1
    assert "Big GPU is here, but this torch" in done.stderr
    assert not (tmp_path / "results").exists()


def test_on_a_card_all_six_networks_are_timed_within_the_quarter_of_an_hour(
    bench, tmp_path
):
    from gpu_steps import Asked, networks, steps

    asked = Asked(tmp_path, "/data")
    plan = {step.name: step for step in steps(asked)}
    assert len(networks(asked)) == 6
    for name in networks(asked):
        for what in ("stacks", "precisions"):
            words = plan[f"{what}-{name.replace('/', '-')}"].command
            assert name in words and "cpu" not in words
    assert sum(step.expected_s for step in plan.values()) < 15 * 60
    for name in ("exp1", "kills"):
        assert {"source=local", "archives=/data"} <= set(plan[name].command)
        assert not [word for word in plan[name].command if "smoke" in word]


def python(name, program):
    from gpu_steps import Step

    return Step(name, f"what {name} does", [sys.executable, "-c", program], 1)


@pytest.fixture
def asked(bench, tmp_path):
    from gpu_steps import Asked

    return Asked(tmp_path, rehearse=True)


def run_all(asked, monkeypatch, plan, seconds=60, where=WHERE):
    import gpu

    monkeypatch.setattr(gpu, "steps", lambda asked: plan)
    outcomes = gpu.run_all(asked, where, dict(os.environ), seconds)
    page = (asked.out / "README.md").read_text(encoding="utf-8")
    return {name: one["outcome"] for name, one in outcomes.items()}, page


COUNT = "open('count', 'a').write('x')"


def test_a_step_that_fails_is_named_and_the_others_go_on(asked, monkeypatch):
    plan = [
        python("first", COUNT),
        python("bad", "raise ValueError('the fan | is off')"),
        python("last", COUNT),
    ]
    outcomes, page = run_all(asked, monkeypatch, plan)
    assert outcomes == {"first": "done", "bad": "failed", "last": "done"}
    assert "ValueError: the fan / is off" in page
    outcomes, _ = run_all(asked, monkeypatch, [plan[0], python("bad", COUNT), plan[2]])
    assert set(outcomes.values()) == {"done"}
    assert (asked.folder / "count").read_text() == "xxx"  # each once
    other = WHERE | {"uuid": "GPU-2"}
    run_all(asked, monkeypatch, plan, where=other)
    assert (asked.folder / "count").read_text() == "xxxxx"  # another card's: anew


def test_when_the_time_is_over_what_runs_is_stopped_with_its_children(
    asked, monkeypatch
):
    child = "import time; time.sleep(2); open('late', 'w')"
    parent = (
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    )
    plan = [python("first", COUNT), python("long", parent), python("last", COUNT)]
    begin = time.monotonic()
    outcomes, page = run_all(asked, monkeypatch, plan, seconds=0.8)
    assert time.monotonic() - begin < 5
    assert outcomes == {"first": "done", "long": "cut", "last": "cut"}
    assert page.count("the same command goes on") == 2
    time.sleep(2.5)
    assert not (asked.folder / "late").exists()


def test_the_page_has_what_tests_recorded(bench, tmp_path):
    import gpu_page

    (tmp_path / "x.xml").write_text(
        '<testsuites><testsuite><testcase name="a"><properties>'
        '<property name="loss" value="1e-5"/></properties></testcase>'
        '<testcase name="b"><failure message="0.3 &lt; 0.1&#10;more"/></testcase>'
        "</testsuite></testsuites>"
    )
    first, second = gpu_page.tests(tmp_path / "x.xml").to_dict("records")
    assert (first["outcome"], first["found"]) == ("passed", "loss: 1e-5")
    assert (second["outcome"], second["why"]) == ("failure", "0.3 < 0.1")


@pytest.mark.workflow
@pytest.mark.skipif(not fake_nvml.available(), reason="no C compiler")
def test_the_rehearsal_fills_the_page(tmp_path):
    done = gpu(tmp_path, "--rehearse")
    assert done.returncode == 0, done.stdout + done.stderr
    out = tmp_path / "results" / "gpu"
    page = (out / "README.md").read_text(encoding="utf-8")
    assert page.startswith("**A rehearsal without a card**")
    assert "Not measured" not in page
    assert "What is spiking" in page and "exp1/snn" in page

    readings = pd.read_csv(out / "readings.csv").set_index("reading")
    for column in ("gpu_power_w", "gpu_energy_j"):  # renewed every 20 ms
        for load in ("idle", "busy"):
            assert 0.015 < readings.loc[column, f"period_{load}_s"] < 0.045
    refused = readings.loc["gpu_performance_state"]
    assert (refused["offered"], refused["why_not"]) == (False, "Not Supported")
    assert pd.isna(readings.loc["gpu_temperature_c", "period_busy_s"])

    energy = pd.read_csv(out / "energy.csv")
    assert len(energy) == 5 * 3  # phases, rates
    expected = 150 * energy["seconds"]  # a square wave of 250 and 50 W
    assert ((energy["counter_j"] - expected).abs() < 250 * 0.25 + 5).all()
    quotient = energy["counter_j"] / energy["integral_j"]
    pd.testing.assert_series_equal(
        energy["counter_over_integral"], quotient, check_names=False
    )
    equal = pd.read_csv(out / "equal.csv")
    assert set(equal["outcome"]) == {"passed"}
    assert equal["test"].str.contains("triton").any()

    kills = pd.read_csv(out / "kills.csv").iloc[0]
    assert kills["kills"] >= 1 and kills["interruptions"] >= 1
    assert kills["largest_difference_of_a_weight"] == 0  # a CPU's bytes are the same
    assert kills["test_accuracy_pct"] == kills["test_accuracy_whole_pct"]

    begin = time.monotonic()
    again = gpu(tmp_path, "--rehearse")
    assert again.returncode == 0 and time.monotonic() - begin < 20
    kept = json.loads((out / "steps" / "energy.json").read_text())
    assert kept["where"]["rehearsal"] is True
