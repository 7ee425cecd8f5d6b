"""The report: one HTML file that answers the paper's question from the results."""

from pathlib import Path

import spikewatt
from spikewatt.claims import show
from spikewatt.files import atomic
from spikewatt.report import (
    answer,
    deviations,
    discover,
    facts,
    grids,
    judged,
    memory,
    page,
    pictures,
    published,
    state,
)
from spikewatt.results import runs
from spikewatt.results.mismatches import refuse_mismatches

COMMAND = "snakemake --cores 1"
# Tables in their order on the page; the first two belong to every results folder.
TABLES = ("table1", "table2", "ratios", "paired", "stacks")


def build(results, expected=None, plans=None, source=None, command=COMMAND):
    """Write the report on the folder `results`; returns its path.

    expected: the runs to look for, as `results.runs.read_all` takes them; without
    it, what the folder suggests. plans: «experiment/network» → settings of the
    config, to refuse runs made with others (`SettingsMismatch`). source: of the data,
    as in the config. command: what starts Snakemake on this folder.
    Whatever is missing or damaged is named in the report and does not stop it.
    """
    results = Path(results)
    if not results.is_dir():
        raise NotADirectoryError(f"{results} is no folder: give a results folder")
    found = runs.read_all(expected or discover.expected(results))
    refuse_mismatches(found, plans)
    target = results / "report.html"
    html = page.render(
        trial=deviations.notes(found, plans or _plans(found), source),
        source=source,
        memory_name=memory.NAME,
        **_content(results, found, command),
    )
    atomic.write_text(target, html)
    return target


def _plans(found):
    """The settings that the runs themselves say they were made with."""
    return {
        f"{run.experiment}/{run.network}": run.info["config"]
        for run in found
        if isinstance((run.info or {}).get("config"), dict)
    }


def _content(results, found, command):
    tables, bad_tables = _tables(results / "tables")
    claims, bad_claims = judged.read(results / "tables" / "claims.csv")
    figures, bad_figures = pictures.read(
        results / "figures", {run.experiment for run in found}
    )
    return {
        **_about(found),
        "answer": answer.sentences(found, claims),
        "points": answer.COMPARABLE_POINTS,
        "gaps": state.gaps(found, command),
        "absent": [*bad_tables, *bad_claims, *bad_figures],
        "tables": tables,
        "figures": figures,
        "claims": None if claims is None else judged.rows(claims),
        "tally": [] if claims is None else judged.tally(claims),
        "judging": show.NOTES,
        "contradictions": [] if claims is None else judged.contradictions(claims),
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
