"""Runs of unlike devices in one folder: grouped, named, and never in one ratio."""

import json

import pytest

import made_results
from spikewatt import claims
from spikewatt.figures import answer_rows, experiment, inference
from spikewatt.report import compared, facts
from spikewatt.results import devices, estimated, rivals, runs
from spikewatt.results.words_operations import SUMMED
from spikewatt.tables import comparisons, operations, published, stacks

FAST, SLOW = "NVIDIA A100", "NVIDIA T4"


@pytest.fixture
def read(tmp_path):
    """Runs of exp1: read(seeds, {(network, seed): device}), FAST where none is named.

    On SLOW an epoch takes ten times as long, to the digit.
    """

    def make(seeds=(0, 1, 2, 3), elsewhere=()):
        entries = made_results.make(tmp_path, experiments=["exp1"], seeds=seeds)
        found = runs.read_all(entries)
        for run in found:
            slow = (run.network, run.seed) in elsewhere
            run.info["conditions"] = {
                "device": "cuda:0",
                "hardware": SLOW if slow else FAST,
                "threads": 1,
            }
            seconds = {"ann": 1.0, "snn": 3.0}[run.network] * (10 if slow else 1)
            run.epochs["train_time_s"], run.epochs["val_time_s"] = seconds, 0.0
        return found

    return make


BOTH = [(network, seed) for network in ("ann", "snn") for seed in (2, 3)]


def time_of(table, label):
    return table.data.set_index("label").loc[label, "mean_epoch_time_s"]


def texts(table):
    return [note.text for note in table.notes]


def test_a_device_is_known_by_its_name_and_where_a_run_went_on_or_was_tested(read):
    run = read()[0]
    assert devices.device(run) == FAST
    run.info["conditions"]["earlier"] = [{"device": "cpu", "hardware": "a CPU"}]
    assert devices.device(run) == f"a CPU, then {FAST}"
    del run.info["conditions"]["earlier"]
    tested = {"conditions": {"device": "cuda:0", "hardware": SLOW}}
    (run.folder / "test.json").write_text(json.dumps(tested))
    assert devices.device(run) == f"{FAST}, tested on {SLOW}"
    run.info["source"] = {"hardware": FAST}
    assert devices.device(run) == f"{FAST}, tested on {SLOW}"
    run.info["source"]["hardware"] = "a CPU"
    started = f"a CPU (its source), then {FAST}"
    assert devices.device(run) == f"{started}, tested on {SLOW}"
    run.info = {}
    assert devices.device(run) is None


def test_runs_that_do_not_say_are_the_most_usual_devices(read):
    found = read(elsewhere=[("ann", 0)])
    found[1].info = None
    first, second = devices.parts(found)
    assert [len(first), len(second)] == [7, 1]
    assert second[0].label == f"ANN on {SLOW}" and found[0].label == "ANN"
    assert devices.parts(found[1:]) == [found[1:]]  # of one device: as they are


def test_tables_have_a_row_a_device_and_no_mean_over_two(read):
    made = published.table("train", read(elsewhere=BOTH))
    assert list(made.data["label"]) == [
        *(f"ANN on {FAST}", f"ANN on {SLOW}", f"SNN on {FAST}", f"SNN on {SLOW}")
    ]
    assert list(made.data["device"]) == [FAST, SLOW] * 2
    assert list(made.data["seeds"]) == [2] * 4
    assert (
        time_of(made, f"ANN on {FAST}") == 1 and time_of(made, f"ANN on {SLOW}") == 10
    )
    assert any("unlike hardware" in text for text in texts(made))
    alike = published.table("train", read())
    assert list(alike.data["label"]) == ["ANN", "SNN"]
    assert list(alike.data["device"]) == [FAST] * 2


def test_ratios_are_within_one_device(read):
    # one seed on either device alone: 3/1 and 30/10; in 30/1 or 3/10 they would mix
    found = read(elsewhere=[*BOTH, ("snn", 1)])
    data = comparisons.ratios(found).data
    times = data[data["quantity"] == "time per epoch"].set_index("device")
    assert times["ratio"].to_dict() == pytest.approx({FAST: 3, SLOW: 3})
    assert times["n"].to_dict() == {FAST: 1, SLOW: 2}
    table = stacks.stacks(found)
    rows = table.data[table.data["quantity"] == "mean_epoch_time_s"]
    of_pairs = rows[rows["against"] != ""].set_index("label")["reference"]
    assert of_pairs.to_dict() == pytest.approx(
        {f"SNN on {d} / ANN on {d}": 3 for d in (FAST, SLOW)}
    )
    for name in (f"SNN on {FAST}", f"SNN on {SLOW}"):
        seconds = rows.set_index("label").loc[name, "reference"]
        assert seconds == (3 if name.endswith(FAST) else 30)


def test_a_pair_on_two_devices_has_accuracies_and_no_costs(read):
    found = read(elsewhere=[("snn", seed) for seed in range(4)])
    made = comparisons.ratios(found)
    assert made.data.empty
    assert any(FAST in text and SLOW in text for text in texts(made))
    paired = comparisons.paired(found).data.set_index("quantity")
    assert paired.loc["mean_epoch_time_s", "n"] == 0
    assert paired.loc["best_val_accuracy_pct", "n"] == 4
    (shown,) = answer_rows.of_runs(found)
    assert [cost.n for cost in shown.costs] == [0] * len(shown.costs)
    assert shown.accuracy.n == 4
    (pair,) = compared.pairs(compared.networks(found))
    assert pair.ratios == {}
    assert pair.verdict == "comparable"


def test_a_networks_costs_in_words_are_of_one_device(read):
    found = compared.networks(read(elsewhere=[("snn", 3)]))
    assert found["exp1", "snn"].costs["mean_epoch_time_s"] == pytest.approx(3)


def test_joules_of_an_inference_are_of_one_device(read, monkeypatch):
    joules = {FAST: 1.0, SLOW: 5.0}

    def energy(run):
        return joules[devices.device(run)]

    monkeypatch.setattr(estimated, "measured_energy", energy)
    group = read(elsewhere=[("ann", 3)])[:4]
    layer = dict.fromkeys((*SUMMED, "dense_macs", "spikes", "neurons", "steps"), 1.0)
    one = estimated.Estimated(group, [layer], 4, [], [])
    assert operations._row(one)["measured_inference_j"] == 1.0


def test_rivals_compare_costs_within_a_device_and_accuracies_across(tmp_path):
    networks = {"exp1": made_results.NETWORKS["exp1"] | {"twin": "Twin"}}
    made = made_results.make(tmp_path, experiments=["exp1"], networks=networks)
    found = runs.read_all(made)
    for run in found:
        name = SLOW if run.network == "twin" else FAST
        run.info["conditions"] = {"device": "cuda:0", "hardware": name, "threads": 1}
    first, second = rivals.of_runs(found)
    assert (first.device, second.device) == (FAST, SLOW)
    assert [len(first.rivals), len(second.rivals)] == [2, 1]
    (twin,) = second.rivals
    assert twin.partner[0].network == twin.group[0].against == "ann"
    assert twin.difference.n == 1


def test_the_answers_ratio_is_of_the_device_with_most_seeds(read):
    found = read(elsewhere=[("ann", 3), ("snn", 3), ("snn", 0)])
    (pair,) = compared.pairs(compared.networks(found))
    assert pair.ratios["mean_epoch_time_s"] == pytest.approx(3)
    one, other = devices.on_one_device(found[:4], found[4:])
    assert [run.seed for run in one] == [run.seed for run in other] == [1, 2]


def test_no_claim_is_judged_over_unlike_devices(read):
    found = read(seeds=(0,), elsewhere=[("snn", 0)])
    table = claims.judge(found).set_index("id")
    told = table[table["basis"].str.contains("unlike devices")]
    assert set(told["verdict"]) == {"not comparable here"}
    for basis in told["basis"]:
        assert f"{FAST} (exp1/ann)" in basis and f"{SLOW} (exp1/snn)" in basis
    # accuracies are those of the networks, wherever they were computed
    assert not told.index.str.contains("accuracy").any()
    alike = claims.judge(read(seeds=(0,)))["basis"]
    assert not alike.str.contains("unlike devices").any()


def test_the_report_says_of_each_run_where_it_came_from(read):
    found = read(seeds=(0,), elsewhere=[("snn", 0)])
    rows = {row["Run"]: row["Computed on"] for row in facts.overview(found)}
    assert rows == {
        "exp1/ann/reference/seed0": f"{FAST} (cuda:0)",
        "exp1/snn/reference/seed0": f"{SLOW} (cuda:0)",
    }


def test_figures_have_a_mark_a_device(read):
    found = read(elsewhere=BOTH)
    figure, _ = experiment.draw(found, 10, "E")
    labels = {text.get_text() for text in figure.legends[0].get_texts()}
    assert {f"ANN on {FAST}", f"SNN on {SLOW}"} <= labels
    figure, caption = inference.draw(found)
    labels = [text.get_text().split("\n")[0] for text in figure.legends[0].get_texts()]
    assert len(labels) == len(set(labels)) == 4
    assert f"ANN on {SLOW}" in caption.alt
