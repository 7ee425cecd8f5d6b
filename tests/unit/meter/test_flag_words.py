"""Words of the column `flags`: documented once; raised ones apart from meanings."""

import re
import time
from pathlib import Path

from made_results import make
from spikewatt.meter import Meter, flags
from spikewatt.results import notes, runs

PAGE = Path(__file__).parents[3] / "docs" / "METER.md"


def test_the_page_has_every_flag_as_the_code_says_it():
    section = PAGE.read_text(encoding="utf-8").split("## Flags")[1].split("\n## ")[0]
    table = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", section, re.MULTILINE)
    meanings = {**flags.FLAGS, **runs.NETWORK_FLAGS}
    advice = {**flags.ADVICE, **runs.NETWORK_ADVICE}
    assert table == [(word, meanings[word], advice[word]) for word in meanings]
    assert not flags.FLAGS.keys() & runs.NETWORK_FLAGS.keys()


def test_what_was_raised_stands_apart_from_what_words_mean(tmp_path, monkeypatch):
    monkeypatch.setattr(flags, "_loaded", lambda row, cores, on_gpu: True)
    monkeypatch.setattr(flags, "_missed", lambda row: False)
    monkeypatch.setattr(flags, "_swapped", lambda intervals: False)
    with Meter(tmp_path / "telemetry.csv", device="cpu") as meter:
        before = meter.describe()["flags"]
        assert before == {}
        for epoch in (1, 2):
            with meter.phase("train", epoch=epoch):
                time.sleep(0.2)
            row = meter.row(("train",), epoch=epoch)
            meter.row(("train",), epoch=epoch)  # asking again raises nothing new
        told = meter.describe()
    assert row["flags"] == "loaded"
    assert told["flags"] == {"loaded": ["train of epoch 1", "train of epoch 2"]}
    assert told["flag_meanings"] == flags.FLAGS


def test_a_warning_says_where_what_and_what_to_do():
    (first, second) = flags.warnings("shared short", epoch=3)
    assert first["epoch"] == 3 and first["flag"] == "shared"
    assert flags.FLAGS["shared"] in first["what"] and "gpu_other_pids" in first["what"]
    assert second["flag"] == "short"
    assert flags.warnings("") == []


def test_meanings_are_found_in_new_and_in_older_files(tmp_path):
    run = runs.read_all(make(tmp_path, experiments=["exp1"]))[0]
    run.epochs["flags"] = "odd"
    texts = []
    for meter in (
        {"flags": {"odd": "something odd"}},  # as older versions wrote it
        {
            "flags": {"odd": ["train of epoch 1"]},
            "flag_meanings": {"odd": "something odd"},
        },
    ):
        run.info["meter"] = meter
        texts += [note.text for note in notes.flags([run], "train")]
    assert len(texts) == 2 and len(set(texts)) == 1
    assert "«odd», something odd: exp1/ann" in texts[0]
