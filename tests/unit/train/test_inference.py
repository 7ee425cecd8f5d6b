"""Single samples after a test: their numbers by a made clock and a made meter of watts,
and that the test's own files do not know of them."""

import contextlib
import json
import sys
import threading
import time
from functools import partial
from types import SimpleNamespace

import pandas as pd
import pytest
import torch

import made_plans
from oracles import oracle
from spikewatt.data import arrays
from spikewatt.meter import Meter
from spikewatt.results import inference as read_back
from spikewatt.results import runs
from spikewatt.stack.fast.dense import Dense
from spikewatt.stack.fast.sparse import Sparse
from spikewatt.train import inference, testing
from spikewatt.train.emulation import emulated
from spikewatt.train.training import Training

COLUMNS = [
    *("experiment", "network", "stack", "seed", "path", "samples", "repeats"),
    *("latency_median_ms", "latency_p95_ms", "window_s", "joules_per_sample"),
    "cpu_s_per_sample",
]
QUANTISED = {"neuron": {"kind": "qcfs", "levels": 25, "clip": 1.0}, "weight_bits": 8}
CPU, GPU = torch.device("cpu"), torch.device("cuda:0")


# ---- one path, by a clock that the answers themselves advance


class Clock:
    """Seconds that go by only where an answer takes them."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        made = SimpleNamespace(perf_counter=lambda: self.now)
        monkeypatch.setattr(inference, "time", made)

    def answer(self, seconds, said=7):
        def work():
            self.now += seconds
            return said

        return work


class MadeMeter:
    """A meter of the same clock whose device draws 50 W above idle."""

    unavailable = {"rapl": "no powercap driver"}

    def __init__(self, clock, news=None):
        self.clock, self.news, self.phases = clock, news, []
        self.backends = ()  # those that work

    @contextlib.contextmanager
    def phase(self, name):
        begin = self.clock.now
        yield
        self.phases.append(name)
        self.seconds = self.clock.now - begin

    def news_s(self, device, names):
        assert names == ("test",)
        return self.news

    def row(self, names, samples):
        assert names == (self.phases[-1],)
        joules = None if self.news is None else 50 * self.seconds
        row = {"measured_time_s": self.seconds, "cpu_time_s": 0.8 * self.seconds}
        for device in ("cpu", "gpu"):
            row[f"{device}_energy_above_idle_j"] = joules
            row[f"{device}_energy_above_idle_uncertainty_j"] = joules and joules / 100
        return row | {"flags": ""}


def path_of(clock, news, device="cpu", idle_s=10, batch=128, name="own"):
    plan = {"batch_size": batch, "meter": {"warmup_batches": 3, "idle_s": idle_s}}
    meter = MadeMeter(clock, news)
    return inference._Path(SimpleNamespace(plan=plan), meter, name, device), meter


def test_median_and_percentile_by_hand(monkeypatch):
    """1 to 20 ms: the median is 10.5, the 95th percentile 0.05 behind the 19th."""
    clock = Clock(monkeypatch)
    path, meter = path_of(clock, None)
    ms = [k / 1000 for k in (3, 1, 2, *range(4, 21))]
    row, facts, classes = path.measured(
        lambda: (clock.answer(one, number) for number, one in enumerate(ms)), 20
    )
    assert row["latency_median_ms"] == pytest.approx(10.5)
    assert row["latency_p95_ms"] == pytest.approx(19.05)
    assert classes == list(range(20)) and row["samples"] == 20
    assert meter.phases == ["warmup_own", "latency_own", "window_own"]


@pytest.mark.parametrize(
    ("news", "idle_s", "window", "joules"),
    [
        (None, 10, 0.5, None),  # nothing to read: short
        (0.1, 0, 0.5, 0.5),  # nothing to compare it with: short, whatever it reads
        (0.001, 10, 5.0, 0.5),  # 50 W for 10 ms a sample
        (1.0, 10, 10.0, 0.5),  # ten updates of a mean over a second
    ],
)
def test_a_window_is_as_long_as_the_meter_needs(
    monkeypatch, news, idle_s, window, joules
):
    clock = Clock(monkeypatch)
    path, _ = path_of(clock, news, idle_s=idle_s)
    row, facts, _ = path.measured(lambda: [clock.answer(0.01)] * 4, 4)
    assert row["window_s"] == pytest.approx(window, abs=0.011)
    assert row["repeats"] == pytest.approx(window / 0.01, abs=1)
    assert row["cpu_s_per_sample"] == pytest.approx(0.008)
    assert row["joules_per_sample"] == (joules and pytest.approx(joules))
    reason = "no powercap driver" if joules is None else None
    assert facts["why_no_joules"] == reason
    error = joules and pytest.approx(joules / 100)
    assert facts["joules_per_sample_uncertainty"] == error


def test_no_more_samples_are_held_than_a_batch(monkeypatch):
    clock = Clock(monkeypatch)
    path, _ = path_of(clock, None, batch=2)
    made, gone = [], []

    def answers():
        for number in range(6):
            made.append(number)
            yield clock.answer(0.01)
            gone.append(number)

    path.measured(answers, 6)
    # two for the window, then each of the six on its own
    assert made == [0, 1, *range(6)]


def test_why_there_are_no_joules_without_an_idle_phase(monkeypatch):
    path, meter = path_of(Clock(monkeypatch), None, idle_s=0)
    meter.unavailable = {}
    assert "idle_s is 0" in path._why()
    path, meter = path_of(Clock(monkeypatch), None, device="cuda")
    meter.unavailable = {}
    assert path._why() == "nvml read no energy"


# ---- joules by the real meter, of a made package that draws known watts


class Package:
    """A tree of powercap whose counter grows by `watts` a second."""

    def __init__(self, folder):
        self.watts, self.joules, self.running = 30.0, 100.0, True
        self.zone = folder / "intel-rapl:0"
        self.zone.mkdir(parents=True)
        (self.zone / "name").write_text("package-0\n")
        (self.zone / "max_energy_range_uj").write_text("262143328850\n")
        self.write()
        self.thread = threading.Thread(target=self.draw, daemon=True)

    def write(self):
        made = self.zone / "new"
        made.write_text(f"{self.joules * 1e6:.0f}\n")
        made.rename(self.zone / "energy_uj")

    def draw(self):
        last = time.monotonic()
        while self.running:
            time.sleep(0.002)
            now = time.monotonic()
            self.joules += self.watts * (now - last)
            last = now
            self.write()


def test_joules_are_those_above_idle(tmp_path, monkeypatch):
    """30 W idle and 90 W at work: 60 W above, some 0.6 J for 10 ms a sample."""
    package = Package(tmp_path / "powercap")
    monkeypatch.setenv("SPIKEWATT_POWERCAP", str(tmp_path / "powercap"))
    monkeypatch.setattr(inference, "WINDOW_S", 1.0)
    plan = {"batch_size": 8, "meter": {"warmup_batches": 1, "idle_s": 0.5}}

    def answer():
        time.sleep(0.01)
        return 0

    with Meter(tmp_path / "telemetry.csv", device="cpu") as meter:
        package.thread.start()
        with meter.phase("idle"):
            time.sleep(0.5)
        with meter.phase("test"):
            time.sleep(0.1)
        package.watts = 90.0
        path = inference._Path(SimpleNamespace(plan=plan), meter, "own", "cpu")
        row, facts, _ = path.measured(lambda: [answer] * 4, 4)
    package.running = False
    package.thread.join()
    assert row["window_s"] >= 1.0
    watts = row["joules_per_sample"] * row["repeats"] / row["window_s"]
    # on a busy machine the counter is written some hundredths of a second late
    assert watts == pytest.approx(60, rel=0.15)
    assert facts["energy_of"] == "cpu" and facts["why_no_joules"] is None
    assert row["latency_median_ms"] >= 10


# ---- the stage


@pytest.fixture
def stage(tmp_path, monkeypatch):
    """Train and test a network on made-up data; a function that gives its `Run`."""
    monkeypatch.setattr(inference, "SHORT_S", 0.05)

    def made(
        network, stack, single_samples, folder="run", experiment="exp1", **changes
    ):
        plan = made_plans.plan(experiment, network, epochs=1, **changes)
        plan |= {"precision": "float32" if stack == "fast" else None} | changes
        monkeypatch.setattr(arrays, "load", lambda path: made_plans.data(plan))
        names, at = ("made up", stack, 0, "code"), tmp_path / folder
        model = tmp_path / "trained" / "model.safetensors"
        if not model.exists():
            training = Training(plan, *names, tmp_path / "kept", made_plans.CONDITIONS)
            training.run(model.parent)
        at.mkdir()
        (at / "run.json").write_bytes((model.parent / "run.json").read_bytes())
        testing.test(
            *(plan, *names, model, at, made_plans.CONDITIONS),
            single_samples=single_samples,
        )
        return runs.read(experiment, network, stack, 0, network, at)

    return made


def told(run):
    return json.loads((run.folder / "test.json").read_text())


CLOCK = ("time", "_s", "rss", "flags", "mib", "gap", "samples", "cores", "ticks", "_js")


@pytest.mark.parametrize("stack", ["reference", "fast"])
def test_the_tests_own_files_do_not_know_of_them(stage, stack):
    """A rate-coded network: a draw more or less would change what it answers."""
    without = stage("snn", stack, 0, "without")
    run = stage("snn", stack, 7, "with")
    of_test = ("predictions", "firing_rates", "anytime", "early_exit", "operations")
    for name in of_test:
        files = [(one.folder / f"{name}.csv").read_bytes() for one in (without, run)]
        assert files[0] == files[1], name
    assert list(run.test.index) == list(without.test.index)
    settled = [n for n in run.test.index if not any(word in n for word in CLOCK)]
    assert {"test_loss", "f1_macro", "test_accuracy_pct"} <= set(settled)
    for name in settled:
        assert run.test[name] == without.test[name] or pd.isna(run.test[name]), name
    table = pd.read_csv(run.folder / "inference.csv")
    assert list(table) == COLUMNS == read_back.COLUMNS
    row = table.iloc[0]
    assert row["path"] == "own" and row["samples"] == 7 and len(table) == 1
    assert 0 < row["latency_median_ms"] <= row["latency_p95_ms"]
    assert row["window_s"] >= 0.05 and row["repeats"] >= 1
    assert list(pd.read_csv(without.folder / "inference.csv")) == COLUMNS
    assert len(read_back.of_run(without)) == 0 and told(without)["inference"] == {}
    assert "inference.csv" in told(run)["outputs"]
    # phases of their own, behind the test's
    phases = pd.read_csv(run.folder / "test_telemetry.csv")["phase"].dropna()
    order = list(dict.fromkeys(phases))
    assert order[-1] == "window_own"  # of a short test there may be no reading
    assert row["window_s"] not in (run.test["test_time_s"], run.test["measured_time_s"])
    assert run.test["measured_time_s"] == pytest.approx(run.test["test_time_s"])


def test_draws_go_on_where_they_were(stage, monkeypatch):
    states, measured = [], inference.measured

    def looking(setup, meter, indices):
        states.append(setup.stack.streams.state())
        result = measured(setup, meter, indices)
        states.append(setup.stack.streams.state())
        return result

    monkeypatch.setattr(inference, "measured", looking)
    stage("snn", "fast", 3)
    before, after = states
    assert before.keys() == after.keys()
    for name in before:
        assert torch.equal(before[name], after[name])


@pytest.mark.parametrize("stack", ["reference", "fast"])
@pytest.mark.parametrize(
    ("experiment", "network"), [("exp1", "ann"), ("exp3", "snn_nmnist")]
)
def test_what_is_timed_is_the_network_on_the_first_test_samples(
    stage, monkeypatch, stack, experiment, network
):
    """Where nothing is drawn, one by one they are answered as in the test's batches."""
    said, one_by_one = [], inference._Path._one_by_one

    def looking(self, answers):
        seconds, classes = one_by_one(self, answers)
        said.extend(classes)
        return seconds, classes

    monkeypatch.setattr(inference._Path, "_one_by_one", looking)
    # a recording that is padded may be answered otherwise: batches of one
    size = {"batch_size": 1} if network == "snn_nmnist" else {}
    run = stage(network, stack, 9, experiment=experiment, **size)
    predictions = pd.read_csv(run.folder / "predictions.csv")["prediction"]
    assert said == predictions.head(9).tolist()


def test_a_spiking_network_adds_events_for_a_single_sample(stage, monkeypatch):
    """In the fast stack: where few neurons fire, no frame is filled."""
    seen, forward, dense = [], Sparse.forward, Dense.forward

    def sparse(self, events, *rest):
        seen.append(("events", events.batch))
        return forward(self, events, *rest)

    def filled(self, events, *rest):
        seen.append(("frames", events.batch))
        return dense(self, events, *rest)

    monkeypatch.setattr(Sparse, "forward", sparse)
    monkeypatch.setattr(Dense, "forward", filled)
    stage("snn_nmnist", "fast", 3, experiment="exp3")
    single = [way for way, batch in seen if batch == 1]
    assert single.count("events") > len(single) / 2
    # as a whole batch goes
    whole = [way for way, batch in seen if batch > 1]
    assert whole.count("events") / len(whole) > 0.5


def test_a_quantised_network_has_a_row_of_real_integers(stage):
    oracle("onnx"), oracle("onnxruntime")
    run = stage("ann", "reference", 20, **QUANTISED)
    table = read_back.of_run(run)
    assert table.index.tolist() == ["own", "onnx_int8"]
    assert table["emulated"].tolist() == [True, False]
    assert (table["samples"] == 20).all() and (table["repeats"] >= 1).all()
    facts = told(run)["inference"]
    assert facts["own"]["emulated"] == read_back.emulated(run)
    assert "8 bits and activations of 25 levels" in facts["own"]["emulated"]
    assert facts["onnx_int8"]["same_answers_pct"] >= 95
    assert facts["onnx_int8"]["operations"].count("QGemm") == 3
    assert read_back.why_not(run) is None
    phases = pd.read_csv(run.folder / "test_telemetry.csv")["phase"]
    assert {"window_own", "window_onnx_int8"} <= set(phases)


def test_without_the_libraries_there_is_no_such_row_and_a_reason(
    stage, monkeypatch, caplog
):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with caplog.at_level("INFO", logger="spikewatt"):
        run = stage("ann", "fast", 2, **QUANTISED)
    table = read_back.of_run(run)
    assert table.index.tolist() == ["own"] and table["emulated"].all()
    assert "pip install -r envs/onnx.txt" in read_back.why_not(run)
    assert "No onnx_int8 path" in caplog.text


def test_too_many_levels_are_no_error_but_a_reason(stage, caplog):
    many = QUANTISED | {"neuron": {"kind": "qcfs", "levels": 300, "clip": 1.0}}
    with caplog.at_level("INFO", logger="spikewatt"):
        run = stage("ann", "reference", 2, **many)
    assert read_back.of_run(run).index.tolist() == ["own"]
    assert "300 levels are no byte" in read_back.why_not(run)
    assert "300 levels are no byte" in caplog.text


def test_on_a_gpu_no_time_of_the_cpu_stands_beside():
    setup = SimpleNamespace(device=GPU)
    rows, facts = inference._by_onnx(setup, None, [0], [0])
    assert rows == [] and "device of this run is cuda:0" in facts["why_not"]


def ways(*chosen, what="dense"):
    return SimpleNamespace(
        ways=[{"layer": number, what: way} for number, way in enumerate(chosen)]
    )


products, gradients = partial(ways, what="products"), partial(ways, what="gradients")


RELU, LIF = {"kind": "relu"}, made_plans.NEURON


@pytest.mark.parametrize(
    ("neuron", "bits", "precision", "device", "stack", "words"),
    [
        (RELU, None, None, CPU, ways(), None),
        (RELU, 8, None, CPU, ways(), "weights of 8 bits are computed in float32"),
        (QUANTISED["neuron"], None, "float32", GPU, ways(), "of 25 levels are comp"),
        (LIF, None, "float32", CPU, ways(), None),
        (LIF, None, "bfloat16", CPU, ways(), "bfloat16 is rounded to in software"),
        (LIF, None, "bfloat16", GPU, ways(), None),
        (LIF, None, "bfloat16", CPU, gradients("native"), "is rounded to in software"),
        (RELU, None, "bfloat16", CPU, products("native", "native"), None),
        (RELU, None, "bfloat16", CPU, products("software"), "software in layer 1"),
        (RELU, None, "bfloat16", CPU, products("native", "software"), "in layer 2"),
        (LIF, None, "tf32", CPU, ways(), "tf32 is rounded to in software"),
        (LIF, None, "int8", CPU, ways("int8", "int8"), None),
        (LIF, None, "int8", CPU, ways("int8", "float32"), "in float32 in layer 2"),
        (LIF, None, "fixed16", CPU, ways("float32", "float32"), "in layers 1, 2"),
        (LIF, None, "int8", CPU, SimpleNamespace(ways=None), "made in float64"),
    ],
)
def test_what_stands_for_a_precision_is_said(
    neuron, bits, precision, device, stack, words
):
    plan = {"neuron": neuron, "weight_bits": bits, "precision": precision}
    said = emulated(plan, device, stack)
    assert said is None if words is None else words in said
