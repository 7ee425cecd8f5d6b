"""Counts of operations, each worked out by hand on a net small enough for it."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spikewatt.network.describe import describe
from spikewatt.network.operations import Activity, count, taps


def layer(entry, shape, neuron="lif", last=True):
    """One layer; before another one where it is not the last."""
    entries = [entry] if last else [entry, {"linear": 1}]
    return describe(entries, shape, neuron)[0]


def ones(one):
    shape = (one.conv_shape[0], int(np.prod(one.in_shape)))
    if one.kind == "conv":
        shape = (shape[0], one.in_shape[0], one.kernel, one.kernel)
    return np.ones(shape, np.float32)


def counted(one, events, weight=None, graded=False, outputs=0, steps=1, samples=1):
    events = np.broadcast_to(np.asarray(events, np.int64), one.in_shape)
    active = int((events > 0).sum())
    weight = ones(one) if weight is None else np.asarray(weight, np.float32)
    return count(one, weight, Activity(events, active, graded, outputs, steps, samples))


def single(shape, *place):
    events = np.zeros(shape, np.int64)
    events[place] = 1
    return events


# 3×3 kernels with a padding of 1 on a 3×3 image: along an edge the three sums meet 2,
# 3 and 2 places, 7 together, and a place is met by 2, 3, 2 sums. So 49 taps, 4 of a
# corner, 6 of an edge, 9 of the middle.
PADDED = layer({"conv": 1, "kernel": 3, "padding": 1}, (1, 3, 3))
# Stride 2 with a padding of 1 on 5×5: sums stand at −1, 1 and 3 and cover rows 0–1,
# 1–3, 3–4: 2 + 3 + 2 = 7 along an edge; rows are met by 1, 2, 1, 2, 1 of them.
STRIDED = layer({"conv": 1, "kernel": 3, "stride": 2, "padding": 1}, (1, 5, 5))
# Stride 2 without padding on 6×6: rows 0–2 and 2–4. Nothing reaches the last row.
UNREACHED = layer({"conv": 1, "kernel": 3, "stride": 2}, (1, 6, 6))
# Kernels of 2×2 on 4×4 give 3×3 sums; pooling windows of 2×2 leave one neuron of them.
POOLED = layer({"conv": 1, "kernel": 2, "pool": 2, "dropout": 0.5}, (1, 4, 4))
# The mean of the same four sums: it is made of all of them, so that each costs as much.
AVERAGED = layer({"conv": 1, "kernel": 2, "pool": 2, "pooling": "average"}, (1, 4, 4))


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (PADDED, [2, 3, 2]),
        (STRIDED, [1, 2, 1, 2, 1]),
        (UNREACHED, [1, 1, 2, 1, 1, 0]),
        (POOLED, [1, 2, 2, 1]),
        (AVERAGED, [1, 2, 2, 1]),
    ],
    ids=["padded", "strided", "unreached", "pooled", "averaged"],
)
def test_taps_of_each_place(one, expected):
    along = np.array(expected)
    assert taps(one, ones(one)).tolist() == [np.outer(along, along).tolist()]


@pytest.mark.parametrize(
    ("one", "place", "expected"),
    [
        (PADDED, (0, 0, 0), 4),
        (PADDED, (0, 0, 1), 6),
        (PADDED, (0, 1, 1), 9),
        (STRIDED, (0, 0, 0), 1),
        (STRIDED, (0, 1, 1), 4),
        (STRIDED, (0, 1, 2), 2),
        (UNREACHED, (0, 5, 5), 0),
        (UNREACHED, (0, 2, 2), 4),
        (POOLED, (0, 3, 3), 1),
        (POOLED, (0, 1, 2), 4),
        (AVERAGED, (0, 1, 2), 4),
    ],
)
def test_a_single_spike(one, place, expected):
    made = counted(one, single(one.in_shape, *place))
    assert made["effective_acs"] == expected
    assert made["effective_macs"] == made["zero_weight_operations"] == 0
    assert made["input_events"] == 1


@pytest.mark.parametrize(
    ("one", "dense"),
    [(PADDED, 49), (STRIDED, 49), (UNREACHED, 36), (POOLED, 36), (AVERAGED, 36)],
)
def test_silent_and_full_inputs(one, dense):
    """All ones cost the dense number, nothing costs nothing; both have it."""
    silent, full = counted(one, 0), counted(one, 1)
    assert (silent["effective_acs"], full["effective_acs"]) == (0, dense)
    assert silent["dense_macs"] == full["dense_macs"] == dense
    assert (silent["input_sparsity"], full["input_sparsity"]) == (1, 0)
    assert (silent["spikes_per_synapse"], full["spikes_per_synapse"]) == (0, 1)
    assert silent["weight_reads"] == silent["activation_reads"] == 0


def test_steps_and_samples():
    """Two samples of three steps; a place that fires in four of the six steps."""
    made = counted(PADDED, 4 * single((1, 3, 3), 0, 1, 1), steps=6, samples=2)
    assert made["effective_acs"] == 4 * 9
    assert made["dense_macs"] == 6 * 49
    assert made["membrane_updates"] == 6 * 9
    # 36 operations of two inferences, 49 synapses
    assert made["spikes_per_synapse"] == pytest.approx(36 / 2 / 49)
    # one operation each; a step reads the 9 weights once at most
    assert (made["weight_reads"], made["weight_reads_reused"]) == (36, 36)
    # each operation and each update of a membrane
    assert made["potential_reads"] == made["potential_writes"] == 36 + 54
    assert made["potential_reads_reused"] == made["potential_writes_reused"] == 54


def test_a_layer_of_averages_by_hand():
    """One neuron of 3×3 sums, of which a window averages four; a spike in five steps.

    In the middle a place leads to four sums, with weights 1, 2, 0 and 4: three ACs.
    """
    weight = [[[[1.0, 2.0], [0.0, 4.0]]]]
    made = counted(AVERAGED, 2 * single((1, 4, 4), 0, 1, 2), weight, steps=5, samples=1)
    assert (made["effective_acs"], made["zero_weight_operations"]) == (2 * 3, 2 * 1)
    assert made["dense_macs"] == 5 * 36
    assert (made["sums"], made["neurons"], made["membrane_updates"]) == (9, 1, 5)
    assert (made["weights"], made["biases"], made["state_bytes"]) == (4, 1, 4)


def test_weights_that_are_zero_are_apart():
    """Place 0 leads to both sums, places 1 and 2 to one each."""
    weight = [[1.0, 0.0, -2.0], [3.0, 4.0, 0.0]]
    one = layer({"linear": 2}, (3,))
    assert taps(one, np.array(weight) != 0).tolist() == [2, 1, 1]
    made = counted(one, [5, 3, 0], weight, steps=8, samples=8)
    assert made["effective_acs"] == 5 * 2 + 3 * 1
    assert made["zero_weight_operations"] == 3 * 1
    assert made["dense_macs"] == 8 * 6
    assert (made["weights"], made["zero_weights"], made["biases"]) == (6, 2, 2)
    assert made["parameter_bytes"] == 4 * 8
    assert made["state_bytes"] == 4 * 2
    # memory is read before a zero is seen: 13 + 3
    assert made["weight_reads"] == 16


def test_zero_taps_of_a_kernel_count_where_they_are():
    """Of a 3×3 kernel only the tap up left: it leads to the sum down right."""
    weight = np.zeros((1, 1, 3, 3))
    weight[0, 0, 0, 0] = 1
    leading = taps(PADDED, weight != 0)
    # sum o reads place o − 1: places 0 and 1 of each edge are read by sums 1 and 2
    assert leading.tolist() == [[[1, 1, 0], [1, 1, 0], [0, 0, 0]]]


def test_channels_and_filters():
    one = layer({"conv": 4, "kernel": 1}, (3, 2, 2))
    assert counted(one, 1)["dense_macs"] == 3 * 4 * 4
    assert counted(one, single((3, 2, 2), 2, 1, 0))["effective_acs"] == 4
    # 3·4 weights at 4 places: read anew for each, or once
    made = counted(one, 1)
    assert (made["weight_reads"], made["weight_reads_reused"]) == (48, 12)


def test_values_are_multiplied():
    """A network without spikes: the same numbers are MACs, and nothing has a state."""
    one = layer({"linear": 2}, (3,), "relu", last=False)
    made = counted(one, [1, 1, 0], graded=True, outputs=1)
    assert (made["effective_macs"], made["effective_acs"]) == (4, 0)
    assert made["input"] == "values"
    assert made["membrane_updates"] == made["potential_reads"] == 0
    assert made["state_bytes"] == 0
    assert made["input_sparsity"] == pytest.approx(1 / 3)
    assert made["output_sparsity"] == 1 / 2
    # all three inputs and both outputs are moved, zeros too
    assert (made["activation_reads"], made["activation_reads_reused"]) == (4, 3)
    assert made["activation_writes"] == 2


def test_spikes_are_moved_as_addresses():
    one = layer({"linear": 2}, (3,))
    made = counted(one, [1, 1, 0], outputs=1)
    assert made["activation_reads_reused"] == 2
    assert made["activation_writes"] == 1


def test_direct_coding_multiplies_in_every_step():
    """The same image of two lit pixels at each of five steps of a spiking layer."""
    made = counted(PADDED, 5 * np.eye(3, dtype=int)[None, :, :], graded=True, steps=5)
    assert (made["effective_macs"], made["effective_acs"]) == (5 * (4 + 9 + 4), 0)
    assert made["membrane_updates"] == 5 * 9


def test_logits_hand_nothing_on():
    one = layer({"linear": 2}, (3,), "relu")
    made = counted(one, 1, graded=True, outputs=None)
    assert made["active_outputs"] is None and made["output_sparsity"] is None


@pytest.mark.parametrize(
    ("entry", "shape", "batch", "expected"),
    [
        ({"conv": 1, "kernel": 3, "padding": 1}, (1, 28, 28), 1, 82**2),
        # what Cout·H·W·Cin·k² would make 87,480
        ({"conv": 8, "kernel": 3, "stride": 2, "padding": 1}, (3, 17, 17), 5, 75_000),
    ],
)
def test_padding_has_no_taps(entry, shape, batch, expected):
    made = counted(layer(entry, shape), batch, steps=batch, samples=batch)
    assert made["dense_macs"] == made["effective_acs"] == expected


@st.composite
def convolutions(draw):
    """A convolution that can be built, its weights (some 0) and two parts of a pass."""
    kernel, padding = draw(st.integers(1, 4)), draw(st.integers(0, 2))
    shape = (draw(st.integers(1, 2)), *(draw(st.integers(4, 7)) for _ in "hw"))
    stride, filters = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    entry = {"conv": filters, "kernel": kernel, "stride": stride, "padding": padding}
    one = layer(entry, shape)
    generator = np.random.default_rng(draw(st.integers(0, 999)))
    weight = generator.integers(-1, 2, ones(one).shape)
    return one, weight, generator.integers(0, 5, (2, *shape))


def by_looking(one, weight, events):
    """Operations of a convolution, sum by sum and tap by tap."""
    total = 0
    for row, column in np.ndindex(one.conv_shape[1:]):
        for tap_y, tap_x in np.ndindex(one.kernel, one.kernel):
            y = row * one.stride + tap_y - one.padding
            x = column * one.stride + tap_x - one.padding
            if 0 <= y < one.in_shape[1] and 0 <= x < one.in_shape[2]:
                kept = (weight[:, :, tap_y, tap_x] != 0).sum(0)
                total += int((kept * events[:, y, x]).sum())
    return total


@settings(deadline=None, max_examples=60)
@given(convolutions())
def test_counts_are_those_of_looking_and_add_up(case):
    one, weight, parts = case
    whole = partial(counted, one, weight=weight)
    made = whole(parts.sum(0), steps=20, samples=20)
    assert made["effective_acs"] == by_looking(one, weight, parts.sum(0))
    dense = by_looking(one, np.ones_like(weight), np.ones(one.in_shape, int))
    assert made["dense_macs"] == 20 * dense
    split = [whole(part, steps=10, samples=10) for part in parts]
    for name in ("effective_acs", "zero_weight_operations", "dense_macs"):
        assert made[name] == sum(part[name] for part in split), name
