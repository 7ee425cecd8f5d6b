"""«What is spiking, what is software»: the table of both stacks, by hand."""

import math
import shutil

import pandas as pd
import pytest

from made_results import make
from spikewatt.results import runs
from spikewatt.tables import comparisons, stacks

BOTH = ("reference", "fast")


def texts(made):
    """The sentences of a table's notes."""
    return [note.text for note in made.notes]


@pytest.fixture
def read(tmp_path):
    """Make runs with given columns and read them.

    columns: (network, stack) or (network, stack, seed) → columns of its epochs.csv.
    """

    def made(columns=(), **choice):
        choice = {"experiments": ["exp1"], "stacks": BOTH, "gpu": False} | choice
        listed = make(tmp_path, **choice)
        for entry in listed:
            key = (entry["network"], entry["stack"], entry["seed"])
            change(entry, **dict(columns).get(key[:2], {}))
            change(entry, **dict(columns).get(key, {}))
        return runs.read_all(listed)

    return made


def change(entry, name="epochs.csv", **columns):
    path = f"{entry['folder']}/{name}"
    pd.read_csv(path).assign(**columns).to_csv(path, index=False)


def times(reference_ann, reference_snn, fast_ann, fast_snn):
    """Epoch times of both networks on both stacks, as `read` takes them."""
    values = {
        ("ann", "reference"): reference_ann,
        ("snn", "reference"): reference_snn,
        ("ann", "fast"): fast_ann,
        ("snn", "fast"): fast_snn,
    }
    return {
        key: {"train_time_s": value - 1, "val_time_s": 1}
        for key, value in values.items()
    }


def row(made, quantity, network="snn", against=""):
    """The only row of the CSV with these names."""
    data = made.data
    found = data[
        (data["network"] == network)
        & (data["against"] == against)
        & (data["quantity"] == quantity)
    ]
    assert len(found) == 1
    return found.iloc[0]


def test_spiking_over_non_spiking_in_each_stack(read):
    made = stacks.stacks(read(times(10, 28, 4, 5.2)))
    found = row(made, "mean_epoch_time_s", against="ann")
    assert found["label"] == "SNN / ANN"
    assert found["reference"] == pytest.approx(2.8)  # 28 / 10
    assert found["fast"] == pytest.approx(1.3)  # 5.2 / 4
    assert found["value"] == pytest.approx(1.3 / 2.8)
    assert found["paper"] == pytest.approx(26.38 / 9.39)
    assert made.notes[0].text == (
        "exp1: against ANN, an epoch of SNN takes 2.80 times as long in snnTorch's "
        "loop and 1.30 times as long in the fast stack (the paper: 2.81)."
    )
    network = row(made, "mean_epoch_time_s")
    assert (network["reference"], network["fast"]) == (28, pytest.approx(5.2))
    assert network["value"] == pytest.approx(5.2 / 28)
    assert (network["comparison"], network["n"]) == ("ratio", 1)
    assert math.isnan(network["low"])


def test_ratios_are_those_of_the_ratios_table(read):
    found = read(seeds=(0, 1, 2), gpu=True, experiments=["exp1", "exp3"])
    data = stacks.stacks(found).data
    named = {
        "time per epoch": "mean_epoch_time_s",
        "time, testing": "test_time_s",
        "power, training": "mean_gpu_power_w",
        "energy per epoch": "mean_epoch_energy_j",
        "energy, testing": "test_energy_j",
    }
    for stack in BOTH:
        alone = comparisons.ratios([run for run in found if run.stack == stack]).data
        for _, one in alone[alone["quantity"].isin(named)].iterrows():
            other = data[
                (data["experiment"] == one["experiment"])
                & (data["against"] == one["first"])
                & (data["network"] == one["second"])
                & (data["quantity"] == named[one["quantity"]])
            ].iloc[0]
            assert other[stack] == pytest.approx(one["ratio"])
            assert other[f"{stack}_low"] == pytest.approx(one["low"])
            assert other["paper"] == pytest.approx(one["paper"], nan_ok=True)


def test_two_spiking_networks_are_named_by_their_labels(read):
    made = stacks.stacks(read(experiments=["exp3"]))
    found = row(made, "mean_epoch_time_s", "snn_nmnist", "snn_mnist")
    assert found["label"] == "SNN: N-MNIST / SNN: MNIST"
    assert found["paper"] == pytest.approx(583.76 / 285.87)


def test_unequal_seeds(read):
    columns = {
        ("ann", "reference", seed): {"train_time_s": value, "val_time_s": 0}
        for seed, value in enumerate((10, 20, 60))
    }
    columns |= {
        ("ann", "fast", seed): {"train_time_s": value, "val_time_s": 0}
        for seed, value in enumerate((5, 5))
    }
    found = read(columns, seeds=(0, 1, 2))
    found = [run for run in found if (run.stack, run.seed) != ("fast", 2)]
    made = stacks.stacks(found)
    one = row(made, "mean_epoch_time_s", "ann")
    assert (one["reference"], one["reference_n"]) == (30, 3)  # as in Table I
    assert (one["fast"], one["fast_n"]) == (5, 2)
    # geometric mean of 5 / 10 and 5 / 20, the seeds that both have
    assert (one["value"], one["n"]) == (pytest.approx(0.125**0.5), 2)
    text = next(cells for cells in made.rows if cells[2] == "time per epoch / s")
    # 30 ± 66 s reaches below 0, and √(1/8) has an interval of a factor of 81.
    assert text[3] == "30.00 (n = 3: no useful interval)"
    assert text[4] == "5.00 ± 0.00 (n = 2)" and text[6] == "3"
    assert text[5] == "× 0.35 (n = 2: no useful interval)"
    said = [note.what for note in made.notes if note.kind == "no interval"]
    assert said == ["n = 3: no useful interval", "n = 2: no useful interval"]


def test_peak_is_the_largest_of_all_epochs(read):
    peaks = {("ann", "reference"): {"max_rss_mib": [700, 900, 800]}}
    made = stacks.stacks(read(peaks))
    assert row(made, "max_rss_mib", "ann")["reference"] == 900
    device = {("ann", "fast"): {"max_gpu_memory_pct": [13, 15, 14]}}
    made = stacks.stacks(read(device, gpu=True))
    assert row(made, "max_gpu_memory_pct", "ann")["fast"] == 15
    assert "max_rss_mib" not in set(made.data["quantity"])


def test_without_any_energy_cpu_time_stands_in_and_is_called_so(read):
    cpu = {("snn", "fast"): {"cpu_time_s": 3.0}}
    found = read(cpu)
    for run in found:
        run.info["meter"]["unavailable"]["rapl"] = "no powercap driver"
    made = stacks.stacks(found)
    one = row(made, "mean_epoch_cpu_time_s")
    assert (one["reference"], one["fast"]) == (9, 3)
    assert not made.data["quantity"].str.contains("energy|power").any()
    (note,) = [note for note in texts(made) if "stands in for energy" in note]
    assert note.endswith("libnvidia-ml.so.1 was not found; no powercap driver.")
    assert note.count("on this machine") == 1
    assert "CPU time per epoch / s" in {cells[2] for cells in made.rows}


def test_package_energy_goes_before_cpu_time(read):
    columns = {
        (network, stack): {
            "cpu_energy_j": 50.0 * factor,
            "train_time_s": 2.0 * factor,
            "val_time_s": 0.5 * factor,
        }
        for network, factor in (("ann", 1), ("snn", 4))
        for stack in BOTH
    }
    made = stacks.stacks(read(columns))
    assert row(made, "mean_epoch_cpu_energy_j")["fast"] == 200
    assert row(made, "mean_epoch_cpu_energy_j", against="ann")["fast"] == 4
    assert row(made, "mean_cpu_power_w")["reference"] == 20
    assert "mean_epoch_cpu_time_s" not in set(made.data["quantity"])
    assert any("CPU packages (RAPL)" in note for note in texts(made))


def test_energy_that_one_network_lacks_stays_empty_with_its_reason(read):
    lost = {("snn", "fast"): {"gpu_energy_j": math.nan}}
    found = read(lost, gpu=True)
    for run in found:
        run.info["meter"]["unavailable"] = {"gpu_energy_j": "the counter stood still"}
    made = stacks.stacks(found)
    one = row(made, "mean_epoch_energy_j")
    assert one["reference"] > 0 and math.isnan(one["fast"]) and one["n"] == 0
    assert math.isnan(row(made, "mean_epoch_energy_j", against="ann")["fast"])
    (cells,) = [c for c in made.rows if c[2] == "GPU energy per epoch / J"][1:]
    mark = cells[4].removeprefix("— ")
    assert "the counter stood still" in texts(made)[int(mark.strip("[]")) - 1]


@pytest.mark.parametrize("stack", BOTH)
def test_one_stack_alone_is_shown_and_said(read, stack):
    made = stacks.stacks(read(times(10, 28, 4, 5.2), stacks=(stack,)))
    other = next(name for name in BOTH if name != stack)
    ratio = row(made, "mean_epoch_time_s", against="ann")
    expected = 2.8 if stack == "reference" else 1.3
    assert ratio[stack] == pytest.approx(expected)
    assert made.data[other].isna().all() and made.data["value"].isna().all()
    (note,) = [note for note in texts(made) if f"Only the stack «{stack}»" in note]
    assert "stacks: [reference, fast]" in note
    assert made.markdown() and made.latex()
    column = 3 + BOTH.index(other)
    assert {cells[column] for cells in made.rows} == {"—"}


def test_accuracy_agreement_is_a_paired_difference(read):
    found = read(seeds=(0, 1, 2))
    for run in found:
        base = (90, 92, 97)[run.seed]
        gain = (1, 2, 3)[run.seed] if run.stack == "fast" else 0
        change({"folder": run.folder}, "test.csv", test_accuracy_pct=base + gain)
        run.test = pd.read_csv(run.folder / "test.csv").iloc[0]
    one = row(stacks.stacks(found), "test_accuracy_pct")
    assert (one["comparison"], one["value"], one["n"]) == ("difference", 2, 3)
    assert one["high"] - one["value"] == pytest.approx(2.484, abs=5e-4)  # 4.303/√3
    assert one["paper"] == 98.05


def test_flags_mark_the_network_and_its_ratio(read):
    flagged = {("snn", "fast"): {"flags": "loaded"}}
    made = stacks.stacks(read(flagged))
    names = [cells[1] for cells in made.rows if cells[1]]
    assert names == ["ANN", "SNN †", "SNN / ANN †"]
    assert "loaded" in row(made, "mean_epoch_time_s", against="ann")["flags"]
    assert any(
        "† Flagged «loaded»: exp1/snn/fast/seed0 (epochs 1, 2, 3)." in note
        for note in texts(made)
    )


def test_a_missing_run_is_named(read):
    found = read()
    shutil.rmtree(found[-1].folder)
    keys = (
        "experiment",
        "network",
        "stack",
        "seed",
        "label",
        "folder",
        "position",
        "against",
    )
    found = runs.read_all([{key: getattr(run, key) for key in keys} for run in found])
    made = stacks.stacks(found)
    assert math.isnan(row(made, "mean_epoch_time_s")["fast"])
    assert any(
        note.startswith("exp1/snn/fast/seed0") and "--force" in note
        for note in texts(made)
    )


def test_groups_are_networks_and_pairs(read):
    content = stacks.stacks(read(seeds=(0, 1))).content()
    assert content["keys"] == 3
    assert [group[0][1] for group in content["groups"]] == ["ANN", "SNN", "SNN / ANN"]


def test_another_precision_is_said(read):
    found = read()
    fast = next(run for run in found if run.stack == "fast")
    fast.info["config"]["precision"] = "bfloat16"
    notes = " ".join(texts(stacks.stacks(found)))
    assert "exp1/ann/fast: precision bfloat16 instead of float32 (chosen" in notes
    assert notes.count("instead of float32") == 1


def test_what_is_left_in_fast_is_blamed_on_spiking_only_as_far_as_is_known(read):
    notes = " ".join(texts(stacks.stacks(read())))
    assert "only as far as both networks are equally optimised there" in notes


def test_loading_software_and_spiking_are_told_apart(read):
    """An epoch of the reference: 10 s, of them 8 loading; 28 s, of them 8."""
    columns = times(10, 28, 1.5, 4.5)
    for key, load in (("reference", 8.0), ("fast", 0.5)):
        for network in ("ann", "snn"):
            columns[network, key] |= {
                "train_load_time_s": load - 0.25,
                "val_load_time_s": 0.25,
            }
    made = stacks.stacks(read(columns))
    assert row(made, "mean_epoch_load_time_s")["reference"] == pytest.approx(8)
    assert row(made, "mean_epoch_compute_time_s", "ann")["reference"] == pytest.approx(
        2
    )
    pair = row(made, "mean_epoch_compute_time_s", against="ann")
    assert pair["reference"] == pytest.approx(20 / 2)
    assert pair["fast"] == pytest.approx(4.0 / 1.0)
    assert row(made, "mean_epoch_load_time_s", against="ann")["reference"] == 1
    (told,) = [note for note in texts(made) if "without it in the" in note]
    assert told == (
        "exp1: SNN over ANN, an epoch: × 2.80 with loading, × 10.00 without it in the "
        "reference stack, × 4.00 without it in the fast stack."
    )
    assert any(note.startswith("Loading is the time") for note in texts(made))


def test_runs_of_older_versions_have_no_parts(read, tmp_path):
    columns = dict.fromkeys(("train_load_time_s", "val_load_time_s"), math.nan)
    found = read({(n, s): columns for n in ("ann", "snn") for s in BOTH}, seeds=(0,))
    made = stacks.stacks(found)
    assert math.isnan(row(made, "mean_epoch_compute_time_s")["reference"])
    assert not any("without it in the" in note for note in texts(made))
    assert not any(note.startswith("Loading is the time") for note in texts(made))


def test_runs_that_loaded_by_unlike_ways_are_named(read):
    found = read(seeds=(0, 1))
    for run in found:
        if run.stack == "reference":
            way = "library" if run.seed else "prepared"
            used = {"device": "cpu", "hardware": "a CPU", "threads": 1, "loading": way}
            run.info["conditions"] = used
    (note,) = [text for text in texts(stacks.stacks(found)) if "unlike ways" in text]
    assert "prepared (exp1/ann/reference/seed0, exp1/snn/reference/seed0)" in note
