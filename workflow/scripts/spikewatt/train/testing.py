"""The testing stage: the best-validation weights on the test set, measured."""

import json
import logging
import time
from pathlib import Path

import pandas as pd

from spikewatt.files import atomic, contents
from spikewatt.files.progress import Progress
from spikewatt.meter import Meter
from spikewatt.meter.flags import warnings as raised
from spikewatt.results import runs
from spikewatt.train import (
    anytime,
    assembly,
    firing,
    health,
    inference,
    loading,
    machine,
    operations,
    scores,
)
from spikewatt.train.course import Course
from spikewatt.train.identity import Identity, digest
from spikewatt.train.loop import one_pass, warm_up

log = logging.getLogger("spikewatt")

TELEMETRY = "test_telemetry.csv"


def test(
    plan,
    dataset,
    stack,
    seed,
    code,
    model,
    folder,
    conditions,
    kept=None,
    beside=None,
    single_samples=0,
):
    """Test the weights in `model` on the test set of `dataset`.

    Leaves test.csv, predictions.csv, firing_rates.csv, anytime.csv, early_exit.csv,
    operations.csv, inference.csv, test_telemetry.csv and test.json in `folder`. The
    margins of early exit are those of the training, in run.json beside `model`.
    plan, stack, seed and code (here of the test): see `identity.Identity`;
    conditions: a `machine.Conditions`; kept: as of `training.Training`, or `folder`;
    beside: who else measures on the device, which flags the test; single_samples: how
    many go through one by one after the test (`inference`).
    """
    folder = Path(folder)
    setup = assembly.build(plan, dataset, stack, seed, "test", conditions)
    run = Identity(plan, stack, seed, code, setup.data.digest)
    facts = identifying(run, model)
    assembly.load_weights(setup.network, model)
    indices, course = tested(setup), Course()
    with (
        loading.loaded(setup, dataset, kept or folder, "test", indices),
        Meter(
            folder / TELEMETRY,
            device=str(setup.device),
            uuid=machine.device_uuid(setup.device),
            rate_hz=plan["meter"]["rate_hz"],
            synchronize=machine.synchronise(setup.device),
            beside=beside,
        ) as meter,
    ):
        result = measured_pass(setup, meter, indices, course)
        row = run.columns | table_row(setup, result, meter)
        singles, told = inference.measured(setup, meter, indices[:single_samples])
        conditions = machine.used(setup.device, setup.loading)
        facts |= {"conditions": conditions, "meter": meter.describe()}
        facts["inference"] = told
        facts["ways"] = getattr(setup.stack, "ways", None)
        facts["others"] = meter.others(("test",))
        facts["warnings"] = raised(row["flags"], facts["others"])
    log.info("%s: test accuracy %.2f %%", run.name, row["test_accuracy_pct"])
    found = anytime.followed(course, result.labels)
    tables = {
        "test.csv": runs.ordered(pd.DataFrame([row]), runs.TEST_COLUMNS),
        "predictions.csv": predicted(indices, result),
        "firing_rates.csv": firing.table(setup.network, result.rates),
        "anytime.csv": anytime.table(found),
        "early_exit.csv": anytime.exit_table(found, margins(model)),
        "operations.csv": operations.table(setup.network, result),
        "inference.csv": inference.table(run, singles),
    }
    write(folder, tables, facts)


def margins(model):
    """The margins of early exit that the training of `model` chose; none where lost."""
    facts = Path(model).with_name("run.json")
    try:
        return json.loads(facts.read_text(encoding="utf-8")).get("early_exit") or []
    except (OSError, ValueError):
        return []


def identifying(run, model):
    """What test.json says of what was tested: the run's identity and its weights."""
    weights = contents.sha256(model)
    return {
        "identity": digest({"run": run.digest, "model": weights}),
        "model": weights,
        "code_digest": run.code,
        "data_digest": run.data,
    }


def measured_pass(setup, meter, indices, course=None):
    """Idle, warm up, then go through these test samples once: a `loop.Result`.

    The warm-up is of computing alone: no sample is loaded before it is measured.
    course: a `Course` that the samples' time steps are added to.
    """
    wanted = setup.plan["meter"]
    batches = setup.stack.batches("test", indices, shuffle=False)
    if wanted["idle_s"]:
        with meter.phase("idle"):
            time.sleep(wanted["idle_s"])
    with meter.phase("warmup"):
        count, early = wanted["warmup_batches"], setup.stack.rehearsal("test", indices)
        warm_up(
            *(setup.stack, setup.objective, early, count),
            training=False,
            tallied=True,
        )
    with meter.phase("test"):
        progress = Progress(log, "testing")
        result = one_pass(
            *(setup.stack, setup.objective, batches),
            progress=progress,
            tallied=True,
            course=course,
        )
    return result


def tested(setup):
    """The indices of the test samples that `setup`'s run is tested on."""
    labels = setup.data.split("test").labels
    return assembly.test_indices(labels, setup.plan, setup.streams.split)


def table_row(setup, result, meter):
    """The run's row of Table II."""
    return {
        "test_loss": result.loss,
        "test_time_s": meter.phase_time("test"),
        "test_load_time_s": result.load_s,
        **scores.score(
            result.labels.numpy(), result.predictions.numpy(), setup.classes
        ),
        "samples": result.samples,
        "spikes_per_neuron_step": health.hidden_rate(setup, result.rates),
        **meter.row(("test",), samples=result.samples, correct=result.correct),
    }


def write(folder, tables, facts):
    """Write the stage's files; test.json comes last and vouches for the others.

    tables: file → DataFrame; facts: what else test.json says. The meter has written
    `TELEMETRY`.
    """
    for name, table in tables.items():
        with atomic.writing(folder / name) as handle:
            table.to_csv(handle, index=False)
    outputs = {name: contents.sha256(folder / name) for name in (*tables, TELEMETRY)}
    atomic.write_json(folder / "test.json", facts | {"outputs": outputs})


def predicted(indices, result):
    """What the network answered for each tested sample, as predictions.csv holds it.

    indices: of the tested samples in the test set; result: the pass's `loop.Result`.
    """
    columns = runs.PREDICTION_COLUMNS
    values = (indices, result.labels, result.predictions)
    return pd.DataFrame(dict(zip(columns, values, strict=True)))
