"""The page: whole, closed in itself, accessible, and honest about what is missing."""

import html
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

import made_report
import made_results
from spikewatt import paper, report
from spikewatt.report import answer, contents, memory, page, pictures
from spikewatt.report.__main__ import main
from spikewatt.results.mismatches import SettingsMismatch

VOID = {"meta", "link", "img", "input", "br", "wbr"}


class Reader(HTMLParser):
    """Tags with attributes; fails on tags that are not closed in order."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open = [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, name):
        return [attributes for tag, attributes in self.tags if tag == name]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "results"
    made_report.make(folder)
    return folder


@pytest.fixture(scope="module")
def text(results):
    return report.build(results).read_text(encoding="utf-8")


def shown(text):
    """What a reader sees: no tags, single spaces."""
    body = re.sub(r"<(style|script)>.*?</\1>", "", text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_opens_with_the_answer(text):
    seen = shown(text)
    place = [
        seen.index(words)
        for words in (
            "Not the paper's protocol",
            "exp1/ann, exp1/snn: epochs 3 instead of 20 (stated in the paper).",
            "Title of fig_answer",
            "reaches comparable accuracy in experiment 1",
            "A training epoch of it takes",
            f"Of the paper's {len(paper.claims())} quantitative statements, which",
            "Table I. Results",
            "Figure 10. Title of fig10",
            f"All {len(paper.claims())} quantitative statements",
            "SNN against CNN: more power in training",
            "What the paper leaves open",
            "Found by reading",
            "What was measured with what",
            "2.13.0",
            "How to rerun",
            "How to cite",
        )
    ]
    assert place == sorted(place)


def test_nothing_is_loaded_from_elsewhere(text):
    reader = Reader(text)
    sources = [tag[1].get("src") or tag[1].get("href") for tag in reader.tags]
    assert all(s.startswith(("data:", "#")) for s in sources if s is not None)
    assert "url(" not in text and "@import" not in text
    assert len(reader.all("img")) == 20


def test_only_the_pages_own_script_may_run(text):
    [policy] = [
        tag["content"]
        for tag in Reader(text).all("meta")
        if tag.get("http-equiv") == "Content-Security-Policy"
    ]
    assert "default-src 'none'" in policy
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1]
    assert page._hash(script) in policy


def test_structure_is_accessible(text):
    reader = Reader(text)
    assert reader.all("html")[0]["lang"] == "en"
    assert [len(reader.all(tag)) for tag in ("header", "nav", "main", "footer")] == [
        *(1, 1, 1, 1)
    ]
    assert len(reader.all("h1")) == 1
    assert all(head["scope"] in ("col", "row", "rowgroup") for head in reader.all("th"))
    assert len(reader.all("table")) == len(reader.all("caption"))
    assert all(image["alt"] for image in reader.all("img"))
    ids = [tag[1]["id"] for tag in reader.tags if "id" in tag[1]]
    assert len(ids) == len(set(ids))
    targets = [a["href"][1:] for a in reader.all("a")]
    labels = [
        tag[1]["aria-labelledby"] for tag in reader.tags if "aria-labelledby" in tag[1]
    ]
    assert {*targets, *labels} <= set(ids)


def test_claims_have_relation_unit_and_verdict(text):
    row = shown(re.search(r'<tr id="claim-exp2_time_times">.*?</tr>', text, re.S)[0])
    assert "not reproduced > 10 times 2.72 times 12.64 times consistent" in row


def test_what_the_papers_tables_contradict_is_listed(text):
    table = text[text.index("contradictions-table") :]
    listed = shown(table[: table.index("</table>")])
    assert "more power in training" in listed
    assert "142 % 127.7 %" in listed


def test_leaving_the_protocol_is_told_briefly(tmp_path):
    made_report.make(tmp_path, experiments=["exp1"])
    seen = shown(report.build(tmp_path, source="sample").read_text())
    assert "The data were made up on the spot" in seen
    assert "exp1/ann, exp1/snn: epochs 3 instead of 20 (stated in the paper)." in seen


OF_PAPER = ("claims", "choices", "errata")


def test_an_experiment_of_ones_own_is_answered_for(tmp_path):
    text = report.build(
        tmp_path, made_report.of_ones_own(tmp_path), source="sample"
    ).read_text()
    reader, seen = Reader(text), shown(text)
    sections = [tag["aria-labelledby"] for tag in reader.all("section")]
    assert sections == [name for name, _ in page.SECTIONS if name not in OF_PAPER]
    places = [a["href"][1:] for a in reader.all("a")][1:]
    assert [place for place in places if not place.startswith("note-")] == sections
    assert seen.count(answer.NO_ANSWER[0]) == 1
    assert "the paper's protocol" not in seen and "statements" not in seen
    assert "claims.csv" not in seen and "Luo (2024) rerun" not in seen
    assert "Not real data" in seen and "(source: sample)" in seen
    assert "What is missing" not in seen
    assert "snakemake --cores 1 mine" in seen
    assert "Made by spikewatt 0.1.0 from 3 of 3 runs" in seen
    assert {image["alt"] for image in reader.all("img")} == {
        f"Alternative text of {stem}"
        for stem in (
            *("fig_answer", "fig_mine", "fig_mine_architecture"),
            *("fig_firing", "fig_anytime"),
            *("fig_stacks", "fig_tradeoff", "fig_epoch_times"),
            *("fig_breakeven", "fig_estimates"),
            *("fig_pareto", "fig_cost_to_accuracy"),
        )
    }
    assert "Nothing is said of who wins" in seen and "spiking wins" not in seen


def test_ones_own_real_data_are_answered_for(tmp_path):
    seen = shown(report.build(tmp_path, made_report.of_ones_own(tmp_path)).read_text())
    assert "for the <snn_slow> against the <plain> in experiment «mine»" in seen
    assert "In experiment «mine», «<plain>» is the most accurate, 96.69" in seen
    # One seed: nothing is apart but what is counted, which is the same.
    assert "spiking wins nothing; both are alike in size of the parameters" in seen
    assert "There is no answer here" not in seen


VERDICTS = ("reaches comparable", "falls short", "reproduced", "inconclusive")


def test_made_up_data_give_no_verdict_anywhere(tmp_path):
    made_report.make(tmp_path)
    claims = pd.read_csv(tmp_path / "tables/claims.csv")
    assert "not reproduced" in set(claims["verdict"])  # of an older, real run
    seen = shown(report.build(tmp_path, source="sample").read_text())
    assert seen.index("The data were made up") < seen.index("There is no answer here")
    table = seen[seen.index("quantitative statements of the text") :]
    table = table[: table.index("Data, neuron and networks")]
    assert [word for word in VERDICTS if word in seen.partition("Tables")[0]] == []
    assert table.count("not comparable here") == len(claims)
    for word in ("reproduced", "inconclusive", "not measured"):
        assert f"0 {word}" in seen and word not in table


def test_notes_are_said_once_and_referred_to(text):
    seen = shown(text)
    assert seen.count("One seed (n = 1) gives no interval.") == 1  # of two tables
    reader = Reader(text)
    notes = [tag[1]["id"] for tag in reader.tags if "note-" in tag[1].get("id", "")]
    assert notes == [f"note-{number}" for number in range(1, len(notes) + 1)]
    assert any(a["href"] == "#note-1" for a in reader.all("a"))


def test_columns_that_hold_nothing_do_not_stand_in_the_page(tmp_path):
    made_report.of_ones_own(tmp_path)  # without a GPU
    text = report.build(tmp_path).read_text()
    table = text[text.index("Table I. Results") :]
    head = shown(table[: table.index("</thead>")])
    assert "time consumption" in head and "power" not in head
    assert re.search(
        r"Left out, since they hold nothing: «Average memory consumption / %» "
        r"\[\d+\] ?, "
        r"«Average power consumption / W» \[\d+\] ?. They stand in table1.csv.",
        shown(table),
    )
    kept = pd.read_csv(tmp_path / "tables/table1.csv")
    assert kept["mean_gpu_power_w"].isna().all()


def test_long_tables_fold_and_short_ones_do_not(text):
    seen = [shown(part) for part in re.findall(r"<summary>(.*?)</summary>", text, re.S)]
    assert any(part.startswith("All ") and part.endswith(" rows)") for part in seen)
    assert not any(part.startswith("Table I") for part in seen)  # 18 rows


def test_a_table_says_under_its_title_what_it_is_made_of(tmp_path):
    made_report.make(tmp_path, experiments=["exp1"])
    path = tmp_path / "tables/table1.json"
    table = json.loads(path.read_text())
    path.write_text(json.dumps(table | {"origin": "exp1: 3 <epochs>."}))
    text = report.build(tmp_path).read_text()
    captions = re.findall(r"<caption>(.*?)</caption>", text, re.S)
    assert shown(captions[0]).endswith("validation set exp1: 3 <epochs>.")


def test_a_rebuilt_page_on_ones_own_is_the_same(tmp_path):
    listed = made_report.of_ones_own(tmp_path, seeds=(0, 1))
    first = report.build(tmp_path, listed, source="sample", command="c").read_text()
    main([str(tmp_path)])
    assert (tmp_path / "report.html").read_text() == first


def test_claims_left_from_the_paper_are_not_shown_beside_ones_own(tmp_path):
    made_report.make(tmp_path)
    listed = made_report.of_ones_own(tmp_path)
    seen = shown(report.build(tmp_path, listed).read_text())
    assert "statements" not in seen
    assert "Figure 10" not in seen


def test_a_rebuilt_page_remembers_how_the_results_were_made(tmp_path, capsys):
    made_results.make(tmp_path, experiments=["exp1"])
    command = "snakemake --configfile 'a \"b\".yaml' --cores 1"
    first = report.build(tmp_path, source="sample", command=command).read_text()
    main([str(tmp_path)])
    assert capsys.readouterr().out == f"{tmp_path}/report.html\n"
    assert (tmp_path / "report.html").read_text() == first
    assert memory.recall(tmp_path / "nowhere.html") == {}


def test_an_empty_folder_gives_a_page_that_names_the_gaps(tmp_path):
    seen = shown(report.build(tmp_path).read_text())
    assert f"snakemake --cores 1 {tmp_path}/runs/exp2/cnn/reference/seed0" in seen
    assert "table1.json is missing" in seen
    assert "claims.csv is missing" in seen
    assert "fig07: " in seen and "fig07.svg is missing" in seen
    assert "No table was made yet" in seen


def test_an_edited_file_stands_at_the_top(tmp_path):
    listed = made_report.make(tmp_path, experiments=["exp1"])
    table = Path(listed[0]["folder"]) / "epochs.csv"
    table.write_text(table.read_text().replace("480", "48000"))
    seen = shown(report.build(tmp_path).read_text())
    warning = seen.index("exp1/ann/reference/seed0/epochs.csv was changed after")
    assert warning < seen.index("Table I. Results")


def test_text_from_files_stays_text(tmp_path):
    made_report.make(tmp_path, experiments=["exp1"])
    hostile = "<script>alert(1)</script>\"'&"
    claims = pd.read_csv(tmp_path / "tables/claims.csv")
    claims = claims.assign(statement=hostile, quote=hostile, basis=hostile)
    claims.to_csv(tmp_path / "tables/claims.csv", index=False)
    sidecar = {"number": 1, "title": hostile, "caption": hostile, "alt": hostile}
    (tmp_path / "figures/fig03.json").write_text(json.dumps(sidecar))
    text = report.build(tmp_path).read_text()
    assert text.count("<script") == 1
    assert hostile in [image["alt"] for image in Reader(text).all("img")]


def test_damaged_figures_tables_and_claims_are_named(tmp_path):
    made_report.make(tmp_path, experiments=["exp1"])
    (tmp_path / "figures/fig10.svg").write_text("<svg")
    (tmp_path / "figures/fig03.json").write_text('{"title": "a"}')
    (tmp_path / "tables/table1.json").write_text('{"title": "a", "header": []}')
    pd.DataFrame({"id": [1]}).to_csv(tmp_path / "tables/claims.csv")
    seen = shown(report.build(tmp_path).read_text())
    assert "fig10: unclosed token" in seen
    assert "fig03: its .json lacks" in seen
    assert "table1.json cannot be read: groups is not a list" in seen
    assert "claims.csv lacks the columns place" in seen


def test_another_config_is_refused_with_its_keys(tmp_path):
    listed = made_results.make(tmp_path)
    plans = {"exp1/ann": {"epochs": 3, "training": {"learning_rate": 0.5}}}
    with pytest.raises(SettingsMismatch, match="learning_rate is 0.001 instead of 0.5"):
        report.build(tmp_path, listed, plans)
    assert not (tmp_path / "report.html").exists()


def test_one_command_builds_it(results):
    command = [sys.executable, "-m", "spikewatt.report"]
    scripts = Path(report.__file__).parents[2]
    options = {"cwd": scripts, "capture_output": True, "text": True, "check": False}
    done = subprocess.run([*command, results], **options)
    assert (done.returncode, done.stdout.strip()) == (0, f"{results}/report.html")
    done = subprocess.run([*command, results / "nowhere"], **options)
    assert done.returncode == 1
    assert "nowhere is no folder" in done.stderr


def test_pictures_have_their_size_in_pixels(tmp_path):
    made_report.figures(tmp_path, [])
    (tmp_path / "fig_stacks.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 200"/>'
    )
    listed = contents.figures({})
    shown = {picture.stem: picture for picture in pictures.read(tmp_path, listed)[0]}
    assert (shown["fig_tradeoff"].width, shown["fig_tradeoff"].height) == (691, 480)
    assert (shown["fig_stacks"].width, shown["fig_stacks"].height) == (300, 200)


@pytest.mark.parametrize("box", ["", "0 0", "0 0 a b", "0 0 nan 1", "0 0 1 1 1"])
def test_a_picture_without_a_size_is_named(tmp_path, box):
    made_report.figures(tmp_path, [])
    text = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}"/>'
    (tmp_path / "fig_stacks.svg").write_text(text)
    [sentence] = pictures.read(tmp_path, contents.figures({}))[1]
    assert sentence.startswith("fig_stacks: ")


def test_figures_of_experiments_that_are_not_run_are_not_missed(tmp_path):
    networks = {name: {"dataset": "mnist"} for name in ("ann", "snn")}
    listed = contents.figures({"exp1": {"networks": networks}})
    absent = pictures.read(tmp_path, listed)[1]
    missed = {sentence.partition(":")[0] for sentence in absent}
    assert {"fig07", "fig10", "fig_stacks", "fig_tradeoff"} <= missed
    assert missed.isdisjoint({"fig08", "fig09", "fig11", "fig12"})


def test_figures_left_from_the_paper_are_not_shown_beside_ones_own(tmp_path):
    made_report.figures(tmp_path, [])
    for stem in ("fig10", "fig_of_mine"):
        for suffix in ("svg", "json"):
            source = tmp_path / f"fig_stacks.{suffix}"
            (tmp_path / f"{stem}.{suffix}").write_text(source.read_text())
    listed = contents.figures({"mine": {"networks": {}}})
    shown, absent = pictures.read(tmp_path, listed)
    assert [picture.stem for picture in shown] == [
        *("fig_answer", "fig_stacks", "fig_firing", "fig_anytime"),
        *("fig_breakeven", "fig_estimates"),
        *("fig_tradeoff", "fig_epoch_times"),
        "fig_of_mine",
    ]
    assert [sentence.partition(":")[0] for sentence in absent] == [
        *("fig_mine", "fig_mine_architecture")
    ]


def test_where_the_paper_is_silent_the_page_reads_the_runs(tmp_path):
    made_report.make(tmp_path, experiments=["exp1"])
    for path in tmp_path.glob("runs/exp1/*/*/*/run.json"):
        facts = json.loads(path.read_text())
        facts["config"] |= {"batch_size": 32}
        if facts["network"] == "snn":
            facts["config"] |= {"steps": 5}
        path.write_text(json.dumps(facts))
    seen = shown(report.build(tmp_path).read_text())
    silent = seen[seen.index("What the paper leaves open") :]
    assert "batch size 128 32 in exp1/ann, exp1/snn fits both" in silent
    assert "time steps in experiments 1 and 2 25 5 in exp1/snn its SNN" in silent
    assert "time steps of MNIST in experiment 3 170 not run" in silent


def test_choices_name_keys_of_the_config():
    config = Path(report.__file__).parents[4] / "config.yaml"
    known = set(re.findall(r"[\w]+", config.read_text()))
    for choice in paper.rows("choices"):
        assert choice["choice"] and choice["why"]
        assert (
            set(re.findall(r"\w+", re.sub("<.*?>", "", choice["config_key"]))) <= known
        )


def test_other_hardware_is_told_from_the_table_and_called_an_estimate(tmp_path):
    made = made_report.of_ones_own(tmp_path)
    seen = shown(report.build(tmp_path, made).read_text())
    told = seen[seen.rindex("On other hardware") :]
    # 784-256-10 with a tenth of its places active in 25 steps: 7 of 10 models
    assert "mine, <snn> under 7 of 10 models (0.078 to 5 times its rival)" in told
    assert "none of it measured" in told and "mine, <snn_slow> under" in told
    (tmp_path / "tables/estimates.csv").unlink()
    seen = shown(report.build(tmp_path, made).read_text())
    assert "No estimate was made yet" in seen
