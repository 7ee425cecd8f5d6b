"""A whole results folder made up for tests of the report."""

import json

import pandas as pd

import made_results
from spikewatt import files, runs
from spikewatt.report import pictures
from spikewatt.tables import published

SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="518.4pt" height="360pt"
 viewBox="0 0 518.4 360"><rect id="a" width="518" height="360" fill="#fff"/>
<circle cx="260" cy="180" r="120" fill="#d95f02"/></svg>"""
VERDICTS = [
    ("consistent", "reproduced"),
    ("consistent", "not reproduced"),
    ("inconsistent", "not measured"),
    ("no table value", "not measured"),
]


def make(results, **choice):
    """Runs, tables, figures and claims under `results`; returns the expected runs."""
    listed = made_results.make(results, **choice)
    for entry in listed:
        vouch(results.parent / entry["folder"])
    found = runs.read_all(listed)
    for stage, name in (("t1", "table1"), ("t2", "table2")):
        table = published.table(stage, found)
        table.write(results / f"tables/{name}.md", results / f"tables/{name}.csv")
    figures(results / "figures")
    claims(40).to_csv(results / "tables" / "claims.csv", index=False)
    return listed


def vouch(folder):
    """Write the digests of a run's files as the stages do."""
    for voucher, name in (("run.json", "epochs.csv"), ("test.json", "test.csv")):
        path = folder / voucher
        facts = json.loads(path.read_text()) if path.exists() else {}
        facts["outputs"] = {name: files.sha256(folder / name)}
        path.write_text(json.dumps(facts))


def figures(folder):
    """All figures as one plain picture, with sidecars."""
    folder.mkdir(parents=True, exist_ok=True)
    for stem in (*pictures.ORDER, *pictures.METHODS):
        facts = {
            "number": int(stem[3:]) if stem[3:].isdigit() else None,
            "title": f"Title of {stem}",
            "caption": f"Caption of {stem}, long enough to wrap on a phone's screen.",
            "alt": f"Alternative text of {stem}",
        }
        (folder / f"{stem}.svg").write_text(SVG)
        (folder / f"{stem}.json").write_text(json.dumps(facts))


def claims(count):
    """A claims table of `count` rows, the four kinds of verdicts in turn."""
    rows = [
        {
            "id": f"claim_{number:02}",
            "place": "Results, Experiment 1",
            "statement": "The SNN's mean time per epoch is larger than the ANN's, "
            "by so many percent as the paper says",
            "claimed": str(number),
            "unit": "%",
            "table_value": "" if number % 4 == 3 else str(number),
            "self_check": VERDICTS[number % 4][0],
            "run_value": "" if number % 4 > 1 else "97.5",
            "verdict": VERDICTS[number % 4][1],
            "basis": "within the binomial interval of 10,000 test images",
        }
        for number in range(count)
    ]
    return pd.DataFrame(rows)
