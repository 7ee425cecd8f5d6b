"""NIR files of trained runs: spikes after the way out and back, words, refusals."""

import json

import h5py
import numpy as np
import pytest
import torch

import made_data
import made_plans
import nir_reader
from oracles import oracle
from spikewatt import stack as stacks
from spikewatt.data import arrays
from spikewatt.data.catalogue import DATASETS
from spikewatt.train import assembly, seeds, training

nir = oracle("nir")
oracle("nirtorch")

from spikewatt.train import exported  # noqa: E402  it imports nir

DATA = {"mnist": made_data.MadeImages(), "nmnist": made_data.MadeEvents()}
AVERAGED = [
    {"conv": 5, "kernel": 5, "padding": 1, "pool": 3, "pooling": "average"},
    {"conv": 6, "kernel": 3, "pool": 2, "pooling": "average", "dropout": 0.2},
    {"linear": 10},
]
STRIDED = [{"conv": 5, "kernel": 5, "stride": 3}, {"linear": 12}, {"linear": 10}]
ZERO = made_plans.NEURON | {"reset": "zero"}
# What is trained, in which stack, with which changes of the plan.
CASES = {
    "dense": ("exp1/snn", "reference", {"steps": 12}),
    "average": (
        "exp1/snn",
        "fast",
        {"architecture": AVERAGED, "encoding": "latency", "steps": 9}
        | {"neuron": ZERO | {"beta": 0.95, "threshold": 0.7}},
    ),
    "strides, direct": (
        "exp1/snn",
        "fast",
        {"architecture": STRIDED, "encoding": "direct", "steps": 9}
        | {"neuron": ZERO | {"beta": 0.3, "threshold": 0.25}},
    ),
    "events": (
        "exp3/snn_nmnist",
        "reference",
        {"architecture": AVERAGED, "neuron": ZERO | {"threshold": 0.25}},
    ),
    "whole numbers": (
        "exp3/snn_nmnist",
        "fast",
        {"architecture": STRIDED, "precision": "int8"},
    ),
    "rounded": (
        "exp1/snn",
        "fast",
        {"precision": "bfloat16", "encoding": "latency", "steps": 9},
    ),
    "no decay": ("exp1/snn", "reference", {"neuron": ZERO | {"beta": 1.0}}),
}
SNNTORCH = [case for case in CASES if case != "no decay"]


def trained(case, folder):
    """Train it for an epoch on made-up data; its plan and stack."""
    name, stack, changes = CASES[case]
    changes = {"neuron": ZERO, "epochs": 1} | changes
    plan = made_plans.plan(*name.split("/"), **changes)
    training.Training(
        *(plan, plan["dataset"], stack, 3, "code", folder / "kept"),
        made_plans.CONDITIONS,
    ).run(folder)
    return plan, stack


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """case → (plan, stack, folder of the run, its NIR file), made when asked for."""
    known = {}

    def of_case(case):
        if case not in known:
            folder = tmp_path_factory.mktemp("run")
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(arrays, "load", DATA.get)
                plan, stack = trained(case, folder)
            output = folder / "made.nir"
            exported.export(folder / "model.safetensors", folder / "run.json", output)
            known[case] = plan, stack, folder, output
        return known[case]

    return of_case


def spikes(plan, stack, folder):
    """(input T×B×…, output spikes T×B×classes) of test samples in the run's stack."""
    device, streams = torch.device("cpu"), seeds.streams(3)
    data = DATA[plan["dataset"]]
    layers = assembly.describe(plan["architecture"], data.shape, "lif")
    network = assembly.Network(layers, streams.init).eval()
    assembly.load_weights(network, folder / "model.safetensors")
    one, feeding = (
        stacks.build(name, plan, data, network, streams, device)
        for name in (stack, "reference")
    )
    frames, _ = next(iter(feeding.batches("test", np.arange(8), shuffle=False)))
    with torch.no_grad():
        found = one(frames)
    assert 0 < found.mean() < 1
    return frames, found


@pytest.mark.parametrize("case", CASES)
def test_spikes_are_those_of_nirs_definition(made, case):
    plan, stack, folder, output = made(case)
    frames, expected = spikes(plan, stack, folder)
    graph = nir.read(output)
    found = nir_reader.run(graph, frames, float(graph.metadata["time_step_s"]))
    assert torch.equal(found.float(), expected)


@pytest.mark.parametrize("case", SNNTORCH)
def test_spikes_are_snntorchs(made, case, capsys):
    """Its importer flattens the batch too: a sample at a time, without that axis."""
    from snntorch.import_nir import import_from_nir

    plan, stack, folder, output = made(case)
    frames, expected = spikes(plan, stack, folder)
    with torch.no_grad():
        for sample in range(frames.shape[1]):
            network, state = import_from_nir(nir.read(output)), None
            for step, values in enumerate(frames[:, sample]):
                found, state = network(values, state)
                assert torch.equal(found, expected[step, sample]), (sample, step)


@pytest.mark.parametrize("case", CASES)
def test_spikes_are_spikingjellys(made, case):
    exchange = oracle("spikingjelly.activation_based.nir_exchange")
    plan, stack, folder, output = made(case)
    frames, expected = spikes(plan, stack, folder)
    network, state = exchange.import_from_nir(output), None
    with torch.no_grad():
        for step, values in enumerate(frames):
            found, state = network(values, state)
            assert torch.equal(found, expected[step]), step


def test_what_stands_beside_the_graph_is_read_back(made):
    plan, _, folder, output = made("average")
    facts = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    found = nir.read(output).metadata
    assert found["time_step_s"] == 1e-4
    assert found["reset"] == "zero" and found["encoding"] == "latency"
    assert (found["beta"], found["threshold"], found["steps"]) == (0.95, 0.7, 9)
    assert json.loads(found["classes"]) == list(DATASETS["mnist"].classes)
    assert len(json.loads(found["classes"])) == 10
    assert found["spikewatt"] == found["trained_with"] == facts["spikewatt"]
    assert found["run"] == facts["identity"] and found["stack"] == "fast"
    assert (found["experiment"], found["network"], found["seed"]) == ("exp1", "snn", 3)
    assert found["precision"] == "float32" and "resize" not in found
    events = nir.read(made("events")[3]).metadata
    assert events["encoding"] == "events" and "steps" not in events
    assert events["events_bin_us"] == plan_bins(made("events")[0])
    assert nir.read(made("whole numbers")[3]).metadata["precision"] == "int8"


def plan_bins(plan):
    return plan["events"]["bin_us"]


def test_every_encoding_is_described():
    from spikewatt.network.encoding import ENCODINGS

    assert exported.FEEDING.keys() == {*ENCODINGS, "events"}


def test_weights_are_what_inputs_meet(made):
    """As they are in float32; of 8 bits 255 numbers for each filter at most."""
    for case, most in (("dense", None), ("whole numbers", 255)):
        _, _, folder, output = made(case)
        with h5py.File(output) as file:
            nodes = file["node/nodes"]
            first = nodes["affine1" if case == "dense" else "conv1"]["weight"][()]
        kept = exported.load_file(folder / "model.safetensors")["weights.0.weight"]
        assert first.dtype == np.float32 and first.shape == kept.shape
        if most is None:
            assert np.array_equal(first, kept)
            continue
        assert not np.array_equal(first, kept) and np.abs(first - kept).max() < 0.01
        assert all(len(np.unique(weights)) <= most for weights in first)


def test_a_changed_model_is_refused(made, tmp_path):
    _, _, folder, _ = made("dense")
    model = tmp_path / "model.safetensors"
    model.write_bytes((folder / "model.safetensors").read_bytes() + b" ")
    with pytest.raises(ValueError, match="was changed after its run wrote it.*--force"):
        exported.export(model, folder / "run.json", tmp_path / "x.nir")
    assert not (tmp_path / "x.nir").exists()


def test_what_nir_cannot_express_is_refused_here_too(made, tmp_path):
    """The run's own settings count: with allow_missing a config may be another."""
    _, _, folder, _ = made("dense")
    facts = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    facts["config"]["neuron"]["reset"] = "subtract"
    told = tmp_path / "run.json"
    told.write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(ValueError, match="NIR cannot express it. layers 1 to 3: .*"):
        exported.export(folder / "model.safetensors", told, tmp_path / "x.nir")


def test_a_failed_writer_leaves_nothing(made, tmp_path, monkeypatch):
    _, _, folder, _ = made("dense")

    def half(path, graph):
        path.write_bytes(b"half")
        raise RuntimeError("stopped")

    monkeypatch.setattr(exported.nir, "write", half)
    with pytest.raises(RuntimeError, match="stopped"):
        exported.export(
            *(folder / "model.safetensors", folder / "run.json"),
            tmp_path / "x.nir",
        )
    assert list(tmp_path.iterdir()) == []
