"""The report: one HTML file that answers the paper's question from the results."""

from pathlib import Path

import pandas as pd

import spikewatt
from spikewatt import atomic, runs
from spikewatt.report import (
    answer,
    discover,
    facts,
    grids,
    page,
    pictures,
    published,
    state,
)
from spikewatt.tables.conflicts import refuse_conflicts

COMMAND = "snakemake --cores 1"
# Tables in their order on the page; the first two belong to every results folder.
TABLES = ("table1", "table2", "ratios", "paired", "stacks")
CLAIM_COLUMNS = (
    "id",
    "place",
    "statement",
    "claimed",
    "unit",
    "table_value",
    "self_check",
    "run_value",
    "verdict",
    "basis",
)


def build(results, expected=None, plans=None, command=COMMAND, target=None):
    """Write the report on the folder `results`; returns its path.

    expected: the runs to look for, as `spikewatt.runs.read_all` takes them; without
    it, what the folder suggests. plans: «experiment/network» → settings of the
    config, to refuse runs made with others (`ConfigConflict`). command: what
    starts Snakemake on this folder. Whatever is missing or damaged is named in the
    report; nothing of it stops the report.
    """
    results = Path(results)
    if not results.is_dir():
        raise NotADirectoryError(f"{results} is no folder: give a results folder")
    found = runs.read_all(expected or discover.expected(results))
    refuse_conflicts(found, plans)
    target = Path(target or results / "report.html")
    atomic.write_text(target, page.render(**_content(results, found, command)))
    return target


def _content(results, found, command):
    tables, bad_tables = _tables(results / "tables")
    claims, bad_claims = _claims(results / "tables" / "claims.csv")
    figures, bad_figures = pictures.read(results / "figures")
    return {
        **_about(found),
        "answer": answer.sentences(found, claims),
        "points": answer.COMPARABLE_POINTS,
        "gaps": state.gaps(found, command),
        "absent": [*bad_tables, *bad_claims, *bad_figures],
        "tables": tables,
        "figures": figures,
        "methods": pictures.METHODS,
        "claims": None if claims is None else claims.to_dict("records"),
        "tally": [] if claims is None else _tally(claims),
        "contradictions": [] if claims is None else _contradictions(claims),
        "choices": published.records("choices"),
        "errata": published.records("errata"),
        "command": command,
        "folder": results.as_posix(),
        "version": spikewatt.__version__,
    }


def _about(found):
    """What the page says of the runs themselves."""
    return {
        "edited": state.edited(found),
        "trial": answer.trial(found),
        "meters": facts.measured(found),
        "machines": facts.machines(found),
        "remarks": state.remarks(found),
        "overview": grids.from_records("What was run", facts.overview(found)),
        "runs": sum(run.test is not None for run in found),
        "wanted": len(found),
    }


def _tables(folder):
    """(tables, gaps): what is whole, in the order of TABLES, and what is not."""
    tables, gaps = [], []
    for stem in TABLES:
        path = folder / f"{stem}.md"
        try:
            tables.append(grids.from_markdown(path))
        except FileNotFoundError:
            if stem in TABLES[:2]:
                gaps.append(f"{path} is missing")
        except (OSError, ValueError) as error:
            gaps.append(f"{path} cannot be read: {error}")
    return tables, gaps


def _claims(path):
    """(claims as text cells or None, gaps)."""
    try:
        claims = pd.read_csv(path, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        return None, [f"{path} is missing"]
    except (OSError, ValueError) as error:
        return None, [f"{path} cannot be read: {error}"]
    lacking = [column for column in CLAIM_COLUMNS if column not in claims]
    if lacking:
        return None, [f"{path} lacks the columns {', '.join(lacking)}"]
    return claims, []


def _tally(claims):
    """Counts of self-checks and verdicts, in words."""
    return [
        (
            title,
            ", ".join(f"{n} {word}" for word, n in claims[key].value_counts().items()),
        )
        for title, key in (
            ("The paper against its own tables", "self_check"),
            ("This run against the paper", "verdict"),
        )
    ]


def _contradictions(claims):
    return claims[claims["self_check"] == "inconsistent"].to_dict("records")
