"""Tables as data: what the page shows of them, and damage that is named."""

import html
import json
import re

import pytest

import made_report
from spikewatt import report
from spikewatt.report import grids

TABLE = {
    "name": "table1",
    "title": "A title",
    "header": ["Experiment", "", "Time / s"],
    "keys": 2,
    "groups": [
        [["exp1", "this run", "9.39 ± 0.10"], ["", "the paper", "— [1]"]],
        [["exp2", "this run", "−1.5"]],
    ],
    "notes": [
        {"kind": "missing", "text": "Not | measured", "about": "exp1/ann"},
        {"kind": "interval", "text": "± is an interval."},
    ],
}
# What breaks Markdown, HTML, attributes, or an eye; all of it is only text here.
ODD = [
    "a | b \\| c",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "&amp; &#60; {{ 7 * 7 }} {% raw %}",
    "**bold** [1](javascript:x) `code`",
    "β → ∞, 脉冲, \u202eהיפוך, 😀",
    "line\nbreak\ttab",
]


def written(folder, text):
    path = folder / "t.json"
    path.write_text(text if isinstance(text, str) else json.dumps(text))
    return path


def test_a_table_keeps_its_groups_keys_and_notes(tmp_path):
    grid = grids.from_json(written(tmp_path, TABLE))
    assert grid.caption == "A title"
    assert grid.corner == "Experiment"
    assert grid.keys == 2
    assert [len(group) for group in grid.groups] == [2, 1]
    assert grid.groups[0][1] == ["", "the paper", "— [1]"]
    assert [number for _, number in grid.heads] == [False, False, True]
    assert grid.notes == [
        ("missing", "Not | measured"),
        ("interval", "± is an interval."),
    ]


def test_columns_of_our_own_tables_are_read_as_numbers(tmp_path):
    choice = {"seeds": (0, 1), "stacks": ("reference", "fast")}
    made_report.make(tmp_path, experiments=["exp1"], **choice)
    grid = grids.from_json(tmp_path / "tables/stacks.json")
    assert grid.keys == 3
    assert [number for _, number in grid.heads[3:]] == [True] * 5
    assert [group[0][1] for group in grid.groups] == ["ANN", "SNN", "SNN / ANN"]


def test_a_table_without_rows_or_notes_is_whole(tmp_path):
    bare = {key: value for key, value in TABLE.items() if key != "notes"}
    grid = grids.from_json(written(tmp_path, bare | {"groups": [[]]}))
    assert (grid.groups, grid.notes) == ([], [])


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        ("", "Expecting value"),
        ("{", "Expecting property name"),
        ("[]", "it is not an object"),
        ("[" * 100_000, "nested too deeply"),
        ({"title": None}, "title is not text"),
        ({"header": "abc"}, "header is not a list"),
        ({"header": []}, "not as long as its header"),
        ({"groups": {}}, "groups is not a list"),
        ({"groups": ["abc"]}, "a group is not a list"),
        ({"groups": [["abc"]]}, "a row is not a list"),
        ({"groups": [[["a", "b"]]]}, "not as long as its header"),
        ({"groups": [[["a", "b", 1.5]]]}, "a cell of a row is not text"),
        ({"keys": True}, "keys is not a whole number"),
        ({"keys": 0}, "keys is 0, but there are 3 columns"),
        ({"keys": 4}, "keys is 4, but there are 3 columns"),
        ({"notes": ["a sentence"]}, "a note is not an object"),
        ({"notes": [{"text": "a"}]}, "a note's kind is not text"),
        ({"notes": [{"kind": "a"}]}, "a note's text is not text"),
    ],
)
def test_damage_is_named_and_stops_no_report(tmp_path, damage, why):
    content = damage if isinstance(damage, str) else TABLE | damage
    with pytest.raises(ValueError, match=re.escape(why)):
        grids.from_json(written(tmp_path, content))
    (tmp_path / "tables").mkdir()
    (tmp_path / "t.json").rename(tmp_path / "tables/table1.json")
    text = html.unescape(report.build(tmp_path).read_text())
    assert re.search(rf"table1.json cannot be read: .*{re.escape(why)}", text)


def test_bytes_that_are_no_text_are_named(tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/table1.json").write_bytes(b"\xff\xfe\x00")
    assert "table1.json cannot be read: " in report.build(tmp_path).read_text()


def test_odd_text_stays_text(tmp_path):
    made_report.make(tmp_path, experiments=["exp1"])
    odd = TABLE | {
        "title": ODD[1],
        "header": [ODD[0], ODD[1], ODD[2]],
        "groups": [[[text, text, text]] for text in ODD],
        "notes": [{"kind": ODD[2], "text": text} for text in ODD],
    }
    path = tmp_path / "tables/table1.json"
    path.write_text(json.dumps(odd), encoding="utf-8")
    page = report.build(tmp_path).read_text(encoding="utf-8")
    assert page.count("<script") == 1
    assert "<img src=x" not in page
    seen = html.unescape(page)
    for number, text in enumerate(ODD, 1):
        assert f"[{number}] {text}</p>" in seen
        assert seen.count(text) >= 4


def test_half_a_character_does_not_stop_the_page(tmp_path):
    made_report.make(tmp_path, experiments=["exp1"])
    path = tmp_path / "tables/table1.json"
    path.write_text(json.dumps(TABLE | {"title": "a \ud800 b"}))
    assert "a ? b" in report.build(tmp_path).read_text(encoding="utf-8")


def test_notes_have_numbers_and_tell_their_kind(tmp_path):
    made_report.make(tmp_path, experiments=["exp1"])
    written(tmp_path, TABLE).rename(tmp_path / "tables/table1.json")
    text = report.build(tmp_path).read_text(encoding="utf-8")
    assert 'data-kind="missing">[1] Not | measured</p>' in text
    assert 'data-kind="interval">[2] ± is an interval.</p>' in text
