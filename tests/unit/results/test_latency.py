"""inference.csv read back: whose time is whose, and why there is none."""

import json

import pandas as pd
import pytest

import made_results
from spikewatt.results import inference, latency, runs

NUMBERS = {
    "samples": 5, "repeats": 100, "window_s": 0.5,
    "latency_p95_ms": 2.0, "joules_per_sample": None, "cpu_s_per_sample": 0.001,
}  # fmt: skip


@pytest.fixture
def run(tmp_path):
    listed = made_results.make(tmp_path, experiments=["exp1"])
    return runs.read_all(listed)[0]


def write(run, **medians):
    rows = [
        {"path": path, "latency_median_ms": median, **NUMBERS}
        for path, median in medians.items()
    ]
    pd.DataFrame(rows).to_csv(run.folder / "inference.csv", index=False)


def test_an_ordinary_network_has_its_own_time(run):
    write(run, own=1.5, onnx_int8=0.5)
    found = latency.of_run(run)
    assert found["latency_median_ms"] == 1.5
    assert found["joules_per_sample"] != found["joules_per_sample"]
    assert latency.why_empty(run) is None


@pytest.mark.parametrize(
    "config",
    [
        {"neuron": {"kind": "qcfs", "levels": 25}},
        {"neuron": {"kind": "relu"}, "weight_bits": 8},
        {"neuron": {"kind": "lif"}, "precision": "bfloat16"},
    ],
)
def test_a_time_of_an_emulated_precision_is_never_that_precisions(run, config):
    run.info["config"] = config
    write(run, own=1.5)
    assert latency.of_run(run) == {}
    assert "stands for fewer bits" in latency.why_empty(run)
    write(run, own=1.5, onnx_int8=0.5)
    assert latency.of_run(run)["latency_median_ms"] == 0.5


def tell(run, **paths):
    (run.folder / "test.json").write_text(json.dumps({"inference": paths}))


def test_what_the_test_says_of_its_own_path_counts(run):
    """A plan with an integer precision whose sums are integers is no imitation."""
    run.info["config"] = {"neuron": {"kind": "lif"}, "precision": "int8"}
    write(run, own=1.5)
    assert latency.emulated(run)  # as long as the test says nothing
    tell(run, own={"emulated": None, "why_no_joules": "no counter"})
    assert latency.of_run(run)["latency_median_ms"] == 1.5
    assert latency.why_no_joules(run) == "no counter"
    tell(run, own={"emulated": "in float32"}, onnx_int8={"why_not": "no onnxruntime"})
    assert latency.of_run(run) == {}
    assert latency.why_empty(run) == (
        "in float32, and its int8 path was not measured (no onnxruntime): no time or "
        "energy stands for it"
    )


def test_no_samples_asked_for_are_no_missing_file(run):
    pd.DataFrame(columns=inference.COLUMNS).to_csv(
        run.folder / "inference.csv", index=False
    )
    assert latency.of_run(run) == {}
    assert latency.why_empty(run) == "no single samples were measured"


def test_what_a_gpu_computes_in_is_its_own(run):
    run.info["config"] = {"neuron": {"kind": "lif"}, "precision": "bfloat16"}
    facts = {"conditions": {"device": "cuda:0"}}
    (run.folder / "test.json").write_text(json.dumps(facts))
    assert not latency.emulated(run)


def test_an_absent_or_damaged_file_says_so(run):
    assert latency.of_run(run) == {}
    assert "no whole inference.csv" in latency.why_empty(run)
    (run.folder / "inference.csv").write_text("path\nown\n")
    assert "no whole inference.csv" in latency.why_empty(run)
