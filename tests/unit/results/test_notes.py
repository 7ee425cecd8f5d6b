"""Notes on runs: records, each said once; what runs lack; unlike conditions."""

import json

import made_results
from spikewatt.results import missing, notes, runs


def read(folder, **choice):
    listed = made_results.make(folder, experiments=["exp1"], **choice)
    return listed, runs.read_all(listed)


def texts(found):
    return [note.text for note in found]


def test_a_record_leaves_out_what_it_does_not_have():
    note = notes.about("protocol", "exp1/ann", "3 epochs instead of 20.")
    assert note.record() == {
        "kind": "protocol",
        "text": "exp1/ann: 3 epochs instead of 20.",
        "about": "exp1/ann",
        "what": "3 epochs instead of 20.",
    }


def test_a_missing_file_has_its_command_beside_its_sentence(tmp_path):
    listed, found = read(tmp_path)
    lost = found[0].folder / "test.csv"
    lost.unlink()
    run = runs.read_all(listed)[0]
    (note,) = missing.of_run(run, "test")
    assert (note.kind, note.about) == ("missing", "exp1/ann/reference/seed0")
    assert note.command == f"snakemake --cores 1 --force {lost}"
    assert note.command in note.text
    assert missing.of_run(run, "train") == []


def test_a_reason_stands_beside_its_sentence(tmp_path):
    _, found = read(tmp_path, gpu=False)
    note = missing.why_empty(found[0], "train", "mean_gpu_power_w")
    assert note.text == f"{missing.NOT_HERE}: {note.what}"
    assert note.what.startswith("no NVIDIA driver")


def test_unlike_threads_are_named_on_cpus_alone(tmp_path):
    _, found = read(tmp_path)
    assert notes.conditions(found) == []
    for run, threads in zip(found, (1, 2), strict=True):
        run.info["conditions"] = {
            "device": "cpu",
            "hardware": "a CPU",
            "threads": threads,
        }
    (note,) = notes.conditions(found)
    assert note.kind == "conditions"
    assert "a CPU, 1 thread (" in note.text and "a CPU, 2 threads (" in note.text
    for run in found:
        run.info["conditions"]["device"] = "cuda:0"
    assert notes.conditions(found) == []


def test_unlike_machines_are_named(tmp_path):
    _, found = read(tmp_path)
    found[0].info["hardware"]["gpu"] = "another GPU"
    (text,) = texts(notes.conditions(found))
    assert "unlike hardware" in text
    assert "a GPU (" in text and "another GPU (" in text


def busy(pid, cores, epoch=None):
    """A record as the meter writes it."""
    record = {"pid": pid, "since": "2026-11-25T12:03:11", "cpu_cores": cores}
    record["what"] = f"busy{pid}.py ({cores} cores)"
    return record if epoch is None else {"epoch": epoch, **record}


def test_a_flag_by_others_names_them_once_at_their_busiest(tmp_path):
    _, found = read(tmp_path)
    run = found[0]
    run.epochs["flags"] = ["", "loaded", "loaded"]
    run.info["others"] = [
        *(busy(1, 0.9, 1), busy(2, 0.3, 2), busy(2, 0.5, 3), busy(3, 0.1, 3)),
        *(busy(4, 0.7, 2), busy(5, 0.6, 3), "damaged", {"epoch": 2}),
    ]
    (note,) = [one for one in notes.flags([run], "train") if one.what == "loaded"]
    # Beside epoch 1, which is clean, nobody is told of; three of four are named.
    assert note.text.endswith(
        "(epochs 2, 3). Who else computed: busy4.py (0.7 cores); busy5.py (0.6 cores); "
        "busy2.py (0.5 cores) and 1 more."
    )
    run.epochs["flags"] = ["", "swap", ""]
    assert all("busy" not in note.text for note in notes.flags([run], "train"))


def test_a_tests_others_stand_in_its_own_file(tmp_path):
    _, found = read(tmp_path)
    run = found[0]
    run.test["flags"] = "loaded"
    facts = runs.test_facts(run) | {"others": [busy(7, 1.5)]}
    (run.folder / "test.json").write_text(json.dumps(facts))
    (note,) = [one for one in notes.flags([run], "test") if one.what == "loaded"]
    assert note.text.endswith("Who else computed: busy7.py (1.5 cores).")
