"""What runs will take, by arithmetic that a reader can follow."""

import itertools

import pytest

import made_plans
from spikewatt.data.sizes import Size
from spikewatt.train import forecast, timed
from spikewatt.train.timed import Timing

METER = {"rate_hz": 20, "idle_s": 10, "first_epoch": "cold", "warmup_batches": 3}
# A batch: 2 s forward, backward and step, 1 s in validation, 1.5 s in a test.
TIMING = Timing(train=2.0, evaluate=1.0, test=1.5, parameters=1_000_000)


def plan(**changes):
    given = {"meter": METER, "batch_size": 100, "epochs": 5} | changes
    return made_plans.plan("exp1", "snn", **given)


WHOLE = Size(1000, 400)


def needs(given, size=WHOLE, timing=TIMING, **how):
    return forecast.needs(given, timing, size, start=4, **how)


def test_a_run_is_its_epochs_its_test_and_what_is_around_them():
    """800 learn and 200 validate: 8 · 2 s + 2 · 1 s an epoch; 4 batches are tested."""
    found = needs(plan(), cold=True)
    assert found.training == 4 + 10 + 5 * 18
    assert found.testing == 4 + 10 + (4 + 3) * 1.5
    assert found.seconds == 104 + 24.5
    assert needs(plan()).training == 104 + 3 * 2  # after a warm-up


def test_limits_of_samples_are_kept():
    given = plan(max_train_samples=100, max_test_samples=50, validation_fraction=0.5)
    found = needs(given, cold=True)
    assert found.training == 14 + 5 * (0.5 * 2 + 0.5 * 1)
    assert found.testing == 14 + 3.5 * 1.5


def test_a_converted_network_learns_nothing():
    """Its thresholds take 1,000 samples at most, and it is validated once."""
    timing = Timing(None, 1.0, 1.5, 10)
    assert needs(plan(epochs=1), Size(1000, 400), timing).training == 14 + 8 + 2
    assert needs(plan(epochs=1), Size(10000, 4), timing).training == 14 + 10 + 20


def test_files_are_weights_and_readings():
    """4 MB of float32, 20 readings a second for 128.5 s, and 400 predictions."""
    found = needs(plan(), cold=True)
    rows = 20 * 128.5 * forecast.ROW
    assert found.bytes == pytest.approx(4_000_000 + rows + 400 * forecast.PREDICTION)


def test_networks_that_cost_the_same_are_timed_once():
    key = forecast.cost_key(plan(), "fast")
    for change in ({"learning_rate": 9}, {"epochs": 1}, {"network": "other"}):
        assert forecast.cost_key(plan() | change, "fast") == key
    for change in ({"steps": 9}, {"batch_size": 1}, {"encoding": "direct"}):
        assert forecast.cost_key(plan(**change), "fast") != key
    assert forecast.cost_key(plan(), "reference") != key


def test_the_page_counts_what_is_left():
    run = forecast.Needs(3000, 600, 2_000_000)
    rows = [
        forecast.Forecast("a", "ann", "fast", 3, 1, run),
        forecast.Forecast("a", "snn", "fast", 3, 0, run),
        forecast.Forecast("b", "snn", "fast", 1, 0, run),
    ]
    page = forecast.told(rows, data=1_000_000, free=50_000_000_000)
    assert (
        page[0]
        == "7 runs, 1 of them there; about 6 h 00 min still, one after the other"
    )
    assert page[2:5] == [
        "experiment  networks  runs  there       still",
        "a                  2     6      1  5 h 00 min",
        "b                  1     1      0      60 min",
    ]
    assert "a/snn     fast    50 min   10 min   2 MB" in page
    disk = (
        "disk: about 13 MB more, 12 MB of it for runs and 1 MB for data; 50 GB are free"
    )
    assert disk in page
    assert "An estimate, not a measurement" in " ".join(page)
    assert "TOO SMALL" in "\n".join(forecast.told(rows, 10**9, free=1000))


@pytest.mark.parametrize("stack", ["reference", "fast"])
@pytest.mark.parametrize(
    ("network", "size"),
    [(("exp1", "snn"), Size(9, 9)), (("exp3", "snn_nmnist"), Size(9, 9, 12, 60))],
)
def test_a_batch_is_timed_as_a_run_has_it(tmp_path, stack, network, size):
    """The clock ticks a second a look, so that each pass takes one: three medians."""
    ticks = itertools.count()
    seen = []

    def clock():
        seen.append(next(ticks))
        return float(seen[-1])

    given = made_plans.plan(*network)
    found = timed.timed(
        *(given, stack, size, made_plans.CONDITIONS, tmp_path), clock=clock
    )
    assert (found.train, found.evaluate, found.test) == (1.0, 1.0, 1.0)
    assert len(seen) == 6  # a second is enough: none was timed twice
    layers = given["architecture"]
    if layers == made_plans.CONFIG["architectures"]["dense"]:
        assert found.parameters == 785 * 256 + 257 * 256 + 257 * 10


def test_short_batches_are_timed_three_times_and_converted_ones_not_trained(tmp_path):
    times = itertools.count(step=0.1)
    source = {"network": "ann", "neuron": {"kind": "relu"}, "weight_bits": None}
    given = made_plans.plan("exp1", "snn", neuron={"kind": "if"}, encoding="direct")
    found = timed.timed(
        *(
            given | {"from": source},
            "fast",
            Size(9, 9),
            made_plans.CONDITIONS,
            tmp_path,
        ),
        clock=lambda: next(times),
    )
    assert found.train is None
    assert found.evaluate == pytest.approx(0.1)
    assert next(times) == pytest.approx(1.2)  # twelve looks: two kinds, three times
