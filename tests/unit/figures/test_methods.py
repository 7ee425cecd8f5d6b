"""Figures of data, neuron and networks: drawn from the real things."""

from types import SimpleNamespace

import networkx
import numpy as np
import pytest
import snntorch
import torch
import yaml

from made_data import MadeEvents, MadeImages
from made_plans import CONFIG
from spikewatt.data import catalogue
from spikewatt.figures import (
    architecture,
    circuit,
    events,
    graphs,
    images,
    layers,
    neuron,
)
from spikewatt.workflow.plan import run_plan


def words(figure):
    return [t.get_text() for axis in figure.axes for t in axis.texts]


def titles(figure):
    return [axis.get_title(loc="left") for axis in figure.axes]


def named(data, **metadata):
    data.metadata = metadata
    return data


def made_images():
    classes = [f"class {number}" for number in range(9)] + ["truck"]
    mnist = named(MadeImages(), dataset="mnist", classes=list(map(str, range(10))))
    cifar10 = named(MadeImages(shape=(3, 32, 32)), dataset="cifar10", classes=classes)
    return mnist, cifar10


def test_the_first_five_and_the_first_truck():
    mnist, cifar10 = made_images()
    figure, caption = images.draw(mnist, cifar10)
    left, right = (axis.images[0].get_array() for axis in figure.axes)
    assert np.array_equal(left, mnist.split("train").images[5, 0])
    assert np.array_equal(right, np.moveaxis(cifar10.split("train").images[9], 0, 2))
    assert titles(figure) == ["(A) MNIST: 5", "(B) CIFAR-10: truck"]
    assert "28 × 28" in caption.alt and caption.number == 1


def test_a_label_that_is_not_there_is_named():
    mnist, cifar10 = made_images()
    with pytest.raises(ValueError, match="mnist has no training image with label 5"):
        images.draw(named(MadeImages(count=5), **mnist.metadata), cifar10)


def event_data():
    """One recording with label 5: three events ON, two OFF, at known places."""
    # (ms, polarity, y, x)
    rows = [
        (10, 1, 4, 7),
        (20, 0, 5, 8),
        (110, 1, 6, 9),
        (120, 1, 6, 9),
        (250, 0, 1, 2),
    ]
    address = [p * 34 * 34 + y * 34 + x for _, p, y, x in rows]
    split = SimpleNamespace(
        indptr=np.array([0, 5]),
        bin=np.array([row[0] for row in rows], dtype=np.uint16),
        address=np.array(address, dtype=np.uint16),
        num_bins=np.array([300]),
        labels=np.array([5]),
        sensor=(2, 34, 34),
    )
    metadata = {"bin_us": 1000, "filter_time_us": 10000}
    return SimpleNamespace(split=lambda name: split, metadata=metadata)


def test_events_stand_at_their_pixel_in_their_saccade():
    figure, caption = events.draw(event_data())
    assert titles(figure) == [
        "(A) 0 to 105 ms",
        "(B) 105 to 210 ms",
        "(C) 210 to 300 ms",
    ]
    drawn = [
        [list(zip(*line.get_data(), strict=True)) for line in axis.lines]
        for axis in figure.axes
    ]  # brighter, darker
    assert drawn == [[[(7, 4)], [(8, 5)]], [[(9, 6)], []], [[], [(2, 1)]]]
    assert "105 to 210 ms: 2 brighter and 0 darker" in caption.alt
    assert figure.axes[0].yaxis_inverted()


def test_coarse_bins_and_made_recordings():
    data = named(MadeEvents(), bin_us=20000, filter_time_us=10000)
    figure, caption = events.draw(data)
    split = data.split("train")
    row = slice(split.indptr[5], split.indptr[6])
    counts = [int(word) for word in caption.alt.split() if word.isdigit()]
    assert len(split.bin[row]) == sum(
        events.counted(split, 5, span, 20).sum() for span in events.saccades(240)
    )
    assert counts and len(figure.axes) == 3


def test_circuit_names_its_parts():
    figure, caption = circuit.draw()
    said = " ".join(words(figure))
    for part in ("$R$", "$C$", "$U(t)$", "$I_{in}(t)$"):
        assert part in said
    assert caption.number == 3


@pytest.mark.parametrize(("beta", "threshold"), [(0.8, 1.0), (0.95, 0.5)])
def test_the_neuron_is_snntorchs(beta, threshold):
    inputs, potential, spikes = neuron.simulate(beta, threshold)
    leaky = snntorch.Leaky(beta=beta, threshold=threshold)
    current = torch.tensor(inputs @ (neuron.WEIGHTS * threshold), dtype=torch.float32)
    state, fired, membrane = leaky.init_leaky(), [], []
    for value in current:
        spike, state = leaky(value[None], state)
        fired.append(spike.item())
        membrane.append(state.item())
    assert np.array_equal(spikes, fired) and sum(fired) > 3
    assert np.allclose(potential, membrane, atol=1e-6)
    figure, _ = neuron.draw(beta, threshold)
    line, marks, level = figure.axes[1].lines
    assert np.allclose(line.get_ydata(), membrane, atol=1e-6)
    assert np.array_equal(marks.get_xdata(), np.flatnonzero(fired))
    assert set(level.get_ydata()) == {threshold}


def of_kind(graph, kind):
    return {edge[:2] for edge in graph.edges(data="kind") if edge[2] == kind}


def test_forward_graph_by_hand():
    graph = graphs.forward(3)
    assert of_kind(graph, graphs.IMMEDIATE) == {("W[3]", "U[3]")}
    assert of_kind(graph, graphs.PRIOR) == {
        ("W[1]", "U[1]"),
        ("W[2]", "U[2]"),
        ("U[1]", "U[2]"),
        ("U[2]", "U[3]"),
    }
    assert set(graph.successors("W")) == {"W[1]", "W[2]", "W[3]"}
    assert ("S[2]", "U[3]") in graph.edges
    assert networkx.is_directed_acyclic_graph(graph)


def test_backward_reaches_each_application_of_the_weights():
    """∂L[3]/∂W[s] for s ≤ 3, and nothing of a loss reaches later steps (equation 8)."""
    graph = graphs.backward(3)
    for loss in range(1, 4):
        reached = networkx.descendants(graph, f"L[{loss}]")
        for step in range(1, 4):
            assert (f"W[{step}]" in reached) == (step <= loss)
    immediate = graph.edge_subgraph(of_kind(graph, graphs.IMMEDIATE))
    assert networkx.has_path(immediate, "L[3]", "W[3]")
    assert "W[2]" not in immediate


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_graph_shows_every_node(direction):
    figure, caption = graphs.draw(direction)
    said = words(figure)
    expected = graphs.forward() if direction == "forward" else graphs.backward()
    assert set(expected) <= set(said)
    assert caption.number == (5 if direction == "forward" else 6)


def drawn(config, experiment):
    networks = config["experiments"][experiment]["networks"]
    labelled = [
        (setting["label"], run_plan(config, experiment, network))
        for network, setting in networks.items()
    ]
    drawings = layers.drawings(labelled)
    return architecture.draw(drawings, 7, config["experiments"][experiment]["title"])


def test_architecture_shows_the_papers_shapes():
    said = words(drawn(CONFIG, "exp2")[0])
    for shape in ("32×32", "16×16", "8×8", "4×4", "2×2", "1×1", "512", "dropout 0.2"):
        assert shape in said
    assert {"784\n1 × 28 × 28", "256", "10"} <= set(words(drawn(CONFIG, "exp1")[0]))


def test_both_inputs_of_experiment_3_are_drawn():
    figure, caption = drawn(CONFIG, "exp3")
    assert titles(figure) == ["(A) SNN: MNIST", "(B) SNN: N-MNIST"]
    said = words(figure)
    assert said.count("800") == 2 and "30×30" in said and "28×28" in said
    # 12·(2·25+1) + 32·(12·25+1) + 10·(800+1)
    assert "SNN: N-MNIST: 18,254 parameters" in caption.caption


def test_a_changed_channel_count_changes_the_drawing():
    changed = yaml.safe_load(yaml.safe_dump(CONFIG))
    changed["architectures"]["conv5"][2]["conv"] = 100
    before, after = (words(drawn(config, "exp2")[0]) for config in (CONFIG, changed))
    assert before.count("128") == 2 and before.count("100") == 0
    assert after.count("128") == 0 and after.count("100") == 2


def test_a_deep_network_still_fits():
    config = yaml.safe_load(yaml.safe_dump(CONFIG))
    layer = {"conv": 16, "kernel": 3, "padding": 1}
    config["architectures"]["conv5"] = [layer] * 16 + [{"linear": 10}]
    figure, _ = drawn(config, "exp2")
    sizes = [text.get_fontsize() for text in figure.axes[0].texts if text.get_text()]
    assert max(sizes) < 6


def test_any_number_of_networks_is_drawn():
    config = yaml.safe_load(yaml.safe_dump(CONFIG))
    networks = config["experiments"]["exp1"]["networks"]
    networks["wide"] = networks["ann"] | {"label": "Wide", "architecture": "wide"}
    networks["copy"] = networks["snn"] | {"label": "Copy"}
    networks["conv"] = networks["ann"] | {"label": "Conv", "architecture": "conv2"}
    config["architectures"]["wide"] = [{"linear": 512}, {"linear": 10}]
    figure, caption = drawn(config, "exp1")
    assert titles(figure) == ["(A) ANN, SNN and Copy", "(B) Wide", "(C) Conv"]
    assert "ANN, SNN and Copy: 269,322 parameters" in caption.caption
    assert "Convolutions have stride 1, padding 0" in caption.caption


def test_average_pooling_is_drawn_and_said():
    config = yaml.safe_load(yaml.safe_dump(CONFIG))
    config["architectures"]["conv2"][1]["pooling"] = "average"
    figure, caption = drawn(config, "exp3")
    assert {"average", "pool 2×2"} <= set(words(figure))
    assert "neurons follow max-pooling or average pooling." in caption.caption
    assert "average pool 2×2 32 × 5×5" in caption.alt
    config["architectures"]["conv2"][0]["pooling"] = "average"
    figure, caption = drawn(config, "exp3")
    assert "neurons follow average pooling." in caption.caption
    config["architectures"]["conv2"] = [{"conv": 2, "kernel": 5}, {"linear": 10}]
    assert "pooling" not in drawn(config, "exp3")[1].caption


def test_a_neuron_may_be_a_mapping():
    plan = run_plan(CONFIG, "exp1", "snn")
    (drawing,) = layers.drawings([("A", plan | {"neuron": {"kind": "lif"}})])
    assert drawing["neurons"] == ["lif"]


def test_an_unfiltered_recording_is_not_called_denoised():
    data = named(MadeEvents(), bin_us=20000, filter_time_us=None)
    _, caption = events.draw(data, digit=1)
    assert "not denoised and binned (20,000 µs)" in caption.caption


@pytest.mark.parametrize(("dataset", "classes"), [("dvs_gesture", 11), ("shd", 20)])
def test_architectures_of_other_sets_show_their_shapes(dataset, classes):
    """128 pixels are joined to 32, and a word's 700 units stand in one row."""
    listed = [{"linear": 256}, {"linear": classes}]
    plan = {
        "dataset": dataset,
        "resize": None,
        "events": dict(catalogue.get(dataset).events),
        "frames": None,
        "architecture": listed,
        "neuron": {"kind": "lif"},
    }
    (drawing,) = layers.drawings([("SNN", plan)])
    due = {"dvs_gesture": [2, 32, 32], "shd": [1, 1, 700]}
    assert drawing["input_shape"] == due[dataset]
    _, caption = architecture.draw([drawing], None, "Other sets")
    assert caption.alt.rstrip(".").endswith(f"fully connected {classes}")
