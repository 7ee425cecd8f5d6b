"""Energy models against numbers that their sources print, and by hand."""

import pytest

from spikewatt.energy import chips, compute, davidson, lemaire, models, published, yan

# A linear layer of 100 inputs and 10 neurons: once with values, half of them 0, once
# with 30 spikes in 5 steps, of which 4 come out.
VALUES = {
    **{"kind": "linear", "input": "values", "kernel": 1, "inputs": 100, "sums": 10},
    **{"neurons": 10, "weights": 1000, "biases": 10, "steps": 1},
    **{"dense_macs": 1000, "effective_macs": 500, "effective_acs": 0},
    **{"zero_weight_operations": 0, "input_events": 50, "active_outputs": 4},
    "membrane_updates": 0,
}
SPIKES = VALUES | {
    **{"input": "spikes", "steps": 5, "dense_macs": 5000, "effective_macs": 0},
    **{"effective_acs": 300, "input_events": 30, "membrane_updates": 50},
}


@pytest.mark.parametrize(
    ("number_format", "process", "mac", "in_acs"),
    [
        ("fp32", "45nm", 4.6, 5.1),
        ("fp16", "45nm", 1.5, 3.75),
        ("int32", "45nm", 3.2, 32),
        ("int8", "45nm", 0.23, 7.7),
        ("fp32", "7nm", 1.69, 4.4),
        ("int8", "7nm", 0.077, 11),
    ],
)
def test_a_mac_costs_what_is_printed(number_format, process, mac, in_acs):
    one = [VALUES | {"dense_macs": 1}]
    energy = compute.energy(one, number_format, process)
    assert energy == pytest.approx(mac * 1e-12)
    even = compute.break_even(number_format, process)
    assert even == pytest.approx(in_acs, rel=0.02)


def test_arithmetic_by_hand():
    assert compute.energy([VALUES], "fp32", "45nm") == pytest.approx(4600e-12)
    skipping = compute.energy([VALUES], "fp32", "45nm", skips_zeros=True)
    assert skipping == pytest.approx(2300e-12)
    assert compute.energy([SPIKES], "fp32", "45nm") == pytest.approx(270e-12)
    both = compute.energy([VALUES, SPIKES], "fp32", "45nm")
    assert both == pytest.approx(4870e-12)


@pytest.mark.parametrize(("kib", "picojoules"), [(8, 13.9), (32, 16.1), (1024, 104.6)])
def test_memory_costs_what_lemaires_code_gives(kib, picojoules):
    assert lemaire.access(kib * 1024 * 8) == pytest.approx(
        picojoules * 1e-12, rel=0.005
    )


def test_lemaire_of_values_by_hand():
    """1000 MACs; 10 additions for biases and 110 for addresses; five memories."""
    by_access = {words: 13.2 + 1.09e-5 * 32 * words for words in (10, 100, 1000)}
    expected = 1000 * 3.2 + 120 * 0.1
    expected += 100 * by_access[100] + 1000 * by_access[1000]
    expected += (10 + 10) * by_access[10]
    assert lemaire.energy([VALUES]) == pytest.approx(expected * 1e-12)


def test_lemaire_of_spikes_by_hand():
    """300 operations, 50 updates: each reads and writes a potential."""
    by_access = {words: 13.2 + 1.09e-5 * 32 * words for words in (10, 100, 1000)}
    expected = 50 * 3.2 + (300 + 50 + 4 + 300) * 0.1
    expected += 30 * by_access[100] + 300 * by_access[1000]
    expected += (50 + 2 * 350 + 4) * by_access[10]
    assert lemaire.energy([SPIKES]) == pytest.approx(expected * 1e-12)


def test_a_convolution_is_addressed_by_its_kernel():
    conv = {"kind": "conv", "kernel": 3, "biases": 4}
    macs, additions, accesses = lemaire.of_values(VALUES | conv)
    # 10 biases, then addresses of 100 inputs, 10 sums and 4 filters of 9 taps
    assert (macs, additions) == (1000, 10 + 100 + 10 + 36)
    assert accesses[0] == (100, 1000)
    assert lemaire.of_spikes(SPIKES | conv)[0] == 50 + 2 * 30


def test_davidson_and_furber_break_even():
    assert davidson.break_even() == pytest.approx(1.72, abs=0.01)
    assert davidson.energy([SPIKES]) == pytest.approx(300 * 7 * 0.06e-12)
    assert davidson.energy([VALUES]) == pytest.approx(1000 * 12 * 0.06e-12)


@pytest.mark.parametrize(
    ("steps", "weight_bits", "percent"),
    [(5, 4, 5.7), (2, 4, 10.4), (2, 8, 12.3), (3, 8, 8.2)],
)
def test_yans_break_even_rates(steps, weight_bits, percent):
    found = 100 * yan.break_even(steps, weight_bits)
    assert found == pytest.approx(percent, rel=0.02)


@pytest.mark.parametrize(("steps", "printed"), [(3, 1.5), (7, 2.338), (15, 3.762)])
def test_yans_ratios_of_dense_frames(steps, printed):
    assert yan.dense_ratio(steps) == pytest.approx(printed, rel=0.005)


def test_the_quantised_twin_has_as_many_levels_as_there_are_counts():
    steps = (1, 2, 3, 4, 7, 8, 15, 16, 25, 31)
    assert [yan.bits(t) for t in steps] == [1, 2, 2, 3, 3, 4, 4, 5, 5, 5]


def test_yan_by_hand_and_where_it_does_not_apply():
    # 20 spikes of 100 inputs in 5 steps: a rate of 4 %
    few = SPIKES | {"input_events": 20}
    assert yan.ratio([few]) == pytest.approx(0.04 / yan.break_even(5))
    # of many, frames of 5 bits against numbers of 3
    assert yan.ratio([SPIKES | {"input_events": 400}]) == pytest.approx(5 / 3)
    assert yan.ratio([VALUES]) is None


def test_odins_average_is_its_operation_and_what_is_always_on():
    """27.3 µW + 1.78 µW/MHz at 75 MHz, one operation in two cycles: 12.7 pJ."""
    always = (27.3e-6 + 1.78e-6 * 75) / 37.5e6
    marginal = published.joules("odin_marginal_operation")
    assert marginal + always == pytest.approx(published.joules("odin_operation"), 0.005)


def test_chips_by_hand():
    assert chips.average([SPIKES], "truenorth_event") == pytest.approx(300 * 26e-12)
    expected = 300 * 23.6 + 50 * 52 + 4 * 1.7
    assert chips.loihi([SPIKES]) == pytest.approx(expected * 1e-12)
    assert chips.average([VALUES, SPIKES], "truenorth_event") is None
    assert chips.loihi([SPIKES, VALUES]) is None


def test_averages_and_terms_are_never_mixed():
    kinds = {name: row["kind"] for name, row in published.rows().items()}
    for model in models.MODELS:
        used = {kinds[name] for name in model.of}
        if model.kind == "chip, average":
            assert used == {"all-in average"} and len(model.of) == 1
        else:
            assert "all-in average" not in used, model.id
    assert len(models.BY_ID) == len(models.MODELS)


def test_ratios_are_to_the_rival_or_to_the_models_own():
    arithmetic = models.BY_ID["compute_fp32_45nm"]
    assert models.ratio(arithmetic, [SPIKES], [VALUES]) == pytest.approx(270 / 4600)
    for name in ("truenorth", "loihi_terms"):
        assert models.ratio(models.BY_ID[name], [SPIKES], [VALUES]) is None
        assert models.estimate(models.BY_ID[name], [SPIKES]) > 0
    twin = models.BY_ID["yan"]
    assert models.estimate(twin, [SPIKES]) is None
    assert models.ratio(twin, [SPIKES], [VALUES]) == yan.ratio([SPIKES])


def test_every_published_energy_says_where_it_is_from_and_is_used():
    for name, row in published.rows().items():
        needed = ("value", "unit", "includes", "kind", "how", "grade", "source")
        assert all(row[column] for column in needed), name
        assert row["grade"] in ("read", "code", "reported", "derived"), name
        assert bool(row["reported_by"]) == (row["grade"] != "read"), name
        assert float(row["value"]) > 0
    used = {name for model in models.MODELS for name in model.of}
    spare = published.rows().keys() - used
    assert spare == {"sram_access_per_bit", "dampfhoffer_low", "dampfhoffer_high"}
    assert "reported by" in published.source("truenorth_event")
    assert "reported by" not in published.source("odin_operation")
