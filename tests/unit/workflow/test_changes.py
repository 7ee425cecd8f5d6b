"""Why jobs run again, as `snakemake -n` says it: from Snakemake's own objects."""

from snakemake.jobs import Reason
from snakemake.persistence import ParamsChange

from spikewatt.workflow import changes
from spikewatt.workflow.changes import Job

TRAINING = ("learning_rate", "batch_size")
PLAN = {
    "experiment": "exp1",
    "network": "snn",
    "learning_rate": 0.001,
    "steps": 25,
    "neuron": {"kind": "lif", "beta": 0.8},
}
OLD_CODE, NEW_CODE = "0123456789abcdef", "fedcba9876543210"


def job(old, new, title="Training exp1/snn", rule="train", **causes):
    """A job whose parameters were `old` and are `new`, recorded as Snakemake does."""
    before, now = ({repr(value) for value in given.values()} for given in (old, new))
    reason = Reason()
    for name, value in causes.items():
        known = getattr(reason, name)
        known.update(value) if isinstance(known, set) else setattr(reason, name, value)
    return Job(title, rule, reason, ParamsChange(before - now, now - before), new)


def test_a_setting_is_told_with_its_key_old_and_new():
    old = {"plan": PLAN, "code": OLD_CODE, "checkpoints": "a"}
    new = old | {"plan": PLAN | {"learning_rate": 0.01}}
    assert changes.summary([job(old, new)], TRAINING) == [
        "exp1/snn: training.learning_rate 0.001 → 0.01 (1 job)"
    ]


def test_inner_keys_new_ones_and_ones_that_are_gone_are_told():
    new = PLAN | {"neuron": {"kind": "lif", "beta": 0.9}, "padding": "masked"}
    del new["steps"]
    (*told,) = changes.summary([job({"plan": PLAN}, {"plan": new})], TRAINING)
    assert told == [
        "exp1/snn: steps 25 → nothing (1 job)",
        "exp1/snn: neuron.beta 0.8 → 0.9 (1 job)",
        "exp1/snn: padding nothing → masked (1 job)",
    ]


def test_the_same_change_of_many_jobs_is_one_line():
    def table(rate):
        plans = {
            f"exp1/{name}": PLAN | {"network": name, "learning_rate": rate}
            for name in ("ann", "snn")
        }
        return {"plans": plans, "arguments": {"plans": plans}, "runs": [1]}

    one = job({"plan": PLAN}, {"plan": PLAN | {"learning_rate": 0.01}})
    other = job(table(0.001), table(0.01), "Table I", "table1")
    assert changes.summary([one, other], TRAINING) == [
        "exp1/snn, exp1/ann: training.learning_rate 0.001 → 0.01 (2 jobs)"
    ]


def test_code_is_named_as_such_by_rule():
    old, new = {"code": OLD_CODE}, {"code": f"{NEW_CODE}"}
    jobs = [job(old, new, f"Training {n}") for n in range(3)]
    jobs.append(
        job(
            {"code": f"{OLD_CODE} {OLD_CODE}"},
            {"code": f"{OLD_CODE} {NEW_CODE}"},
            *("Figure 10", "fig10"),
        )
    )
    assert changes.summary(jobs) == ["code changed: train, fig10 (4 jobs)"]


def test_other_parameters_are_told_by_their_names_and_long_ones_shortly():
    old = {"checksum": "x" * 99, "partial": False, "runs": [{"seed": 0}]}
    new = {"checksum": "y" * 99, "partial": True, "runs": [{"seed": 1}]}
    told = changes.summary([job(old, new, "Verifying a", "local_archive")])
    assert sorted(told) == [
        f"Verifying a: checksum {'x' * 39}… → {'y' * 39}… (1 job)",
        "Verifying a: partial False → True (1 job)",
        "Verifying a: runs changed (1 job)",
    ]


def test_causes_that_are_no_settings_come_last():
    same = {"plan": PLAN}
    jobs = [
        job(same, same, missing_output={"a.csv"}),
        job(same, same, missing_output={"b.csv"}, updated_input_run={"a.csv"}),
        job(same, same, updated_input={"mnist.safetensors"}),
        job(same, same, forced=True),
        job(same, {"plan": PLAN | {"steps": 5}}),
    ]
    assert changes.summary(jobs) == [
        "exp1/snn: steps 25 → 5 (1 job)",
        "not made yet (1 job)",
        "made from what changes (1 job)",
        "newer input: mnist.safetensors (1 job)",
        "asked for again (--force) (1 job)",
    ]
