"""A whole results folder made up for tests of the report."""

import itertools
import json

import made_results
from spikewatt import claims, tables
from spikewatt.files import contents
from spikewatt.report import contents as page_contents
from spikewatt.results import runs

SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="518.4pt" height="360pt"
 viewBox="0 0 518.4 360"><rect id="a" width="518" height="360" fill="#fff"/>
<circle cx="260" cy="180" r="120" fill="#d95f02"/></svg>"""


def make(results, **choice):
    """Runs, tables, figures and claims under `results`; returns the expected runs."""
    listed = made_results.make(results, **choice)
    for entry in listed:
        vouch(results.parent / entry["folder"])
    read = show(results, listed)
    paths = [results / f"tables/claims.{suffix}" for suffix in ("csv", "md")]
    claims.write(claims.judge(read), [], *paths)
    return listed


def of_ones_own(folder, seeds=(0,)):
    """A whole folder of an experiment of one's own: two SNNs against one ANN."""
    names = {"plain": None, "snn": "plain", "snn_slow": "plain"}
    listed = [
        {
            "experiment": "mine",
            "network": network,
            "stack": "fast",
            "seed": seed,
            "label": f"<{network}>",
            "folder": f"{folder}/runs/mine/{network}/fast/seed{seed}",
            "position": position,
            "against": against,
        }
        for position, (network, against) in enumerate(names.items())
        for seed in seeds
    ]
    for number, entry in enumerate(listed):
        made_results.write_run(entry, number, False, 3)
    show(folder, listed)
    return listed


def show(results, listed):
    """All tables and figures of these runs; returns the runs as read."""
    read = runs.read_all(listed)
    for made in (
        tables.table("t1", read),
        tables.table("t2", read),
        tables.ratios(read),
        tables.paired(read),
        tables.stacks(read),
    ):
        write_table(made, results / f"tables/{made.name}.json")
    figures(results / "figures", read)
    return read


def write_table(made, path):
    """Write a table as data, as the workflow does."""
    starts = sorted({0, *made.groups, len(made.rows)})
    leading = [next((n for n, cell in enumerate(row) if cell), 0) for row in made.rows]
    table = {
        "name": made.name,
        "title": made.title,
        "header": made.header,
        "keys": 1 + max(leading, default=0),
        "groups": [made.rows[a:b] for a, b in itertools.pairwise(starts)],
        "notes": [{"kind": "note", "text": text} for text in made.notes],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(table, ensure_ascii=False), encoding="utf-8")


def vouch(folder):
    """Write the digests of a run's files as the stages do."""
    for voucher, name in (("run.json", "epochs.csv"), ("test.json", "test.csv")):
        path = folder / voucher
        facts = json.loads(path.read_text()) if path.exists() else {}
        facts["outputs"] = {name: contents.sha256(folder / name)}
        path.write_text(json.dumps(facts))


def figures(folder, read):
    """All figures of these runs as one plain picture, with sidecars."""
    folder.mkdir(parents=True, exist_ok=True)
    for stem in page_contents.figures(page_contents.experiments(read)):
        facts = {
            "number": int(stem[3:]) if stem[3:].isdigit() else None,
            "title": f"Title of {stem}",
            "caption": f"Caption of {stem}, long enough to wrap on a phone's screen.",
            "alt": f"Alternative text of {stem}",
        }
        (folder / f"{stem}.svg").write_text(SVG)
        (folder / f"{stem}.json").write_text(json.dumps(facts))
