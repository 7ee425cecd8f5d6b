"""A job whose code or settings changed while it was queued is not run."""

import pytest

from spikewatt.workflow import planned

LOG = "results/logs/exp1_ann_train.log"
PARAMS = {
    "code": "0123456789abcdef",
    "plan": {"network": "ann", "learning_rate": 0.001, "neuron": {"beta": 0.8}},
    "plans": {f"exp1/net{number}": {"steps": 25} for number in range(500)},
}


@pytest.fixture
def submitted(tmp_path, monkeypatch):
    """As a job finds it that was submitted with PARAMS."""
    path = tmp_path / "planned.json"
    planned.write(path, {LOG: PARAMS})
    monkeypatch.setenv(planned.VARIABLE, str(path))
    return path


def test_what_was_planned_is_run(submitted):
    planned.require(LOG, {**PARAMS, "plan": dict(PARAMS["plan"])})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"code": "f" * 16}, "submitted, its code changed. It is not run"),
        (
            {"plan": PARAMS["plan"] | {"learning_rate": 0.01}},
            "learning_rate changed from 0.001 to 0.01.",
        ),
        (
            {"plan": PARAMS["plan"] | {"neuron": {"beta": 0.5}}},
            "neuron.beta changed from 0.8 to 0.5.",
        ),
        ({"plans": PARAMS["plans"] | {"exp1/net7": {"steps": 4}}}, "plans changed."),
        ({"single_samples": 5}, "single_samples changed from nothing to 5."),
    ],
)
def test_other_work_is_refused_by_name(submitted, change, said):
    with pytest.raises(planned.Replanned) as told:
        planned.require(LOG, PARAMS | change)
    assert said in str(told.value)


def test_long_parameters_are_kept_short(submitted):
    assert len(submitted.read_text()) < 1000


def test_jobs_that_nobody_submitted_are_not_asked(tmp_path, monkeypatch):
    monkeypatch.delenv(planned.VARIABLE, raising=False)
    planned.require(LOG, {"code": "other"})
    monkeypatch.setenv(planned.VARIABLE, str(tmp_path / "gone.json"))
    planned.require(LOG, {"code": "other"})
