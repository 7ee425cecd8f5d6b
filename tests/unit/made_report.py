"""A whole results folder made up for tests of the report."""

import json

import made_results
from spikewatt import claims
from spikewatt.files import contents
from spikewatt.report import contents as page_contents
from spikewatt.results import runs
from spikewatt.results.registry import load
from spikewatt.tables import registry

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
    for entry in registry.entries(page_contents.experiments(read)):
        if entry.name != "claims":
            made = load(entry.maker)(read)
            made.write(*(results / f"tables/{entry.name}.{s}" for s in entry.formats))
    figures(results / "figures", read)
    return read


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
