"""The report: one HTML file that answers the paper's question from the results."""

from pathlib import Path

import spikewatt
from spikewatt import paper
from spikewatt.claims import show
from spikewatt.files import atomic
from spikewatt.report import (
    answer,
    choices,
    compared,
    contents,
    deviations,
    discover,
    elsewhere,
    facts,
    grids,
    judged,
    memory,
    notes,
    page,
    pictures,
    rivals,
    settings,
    state,
)
from spikewatt.results import runs
from spikewatt.results.mismatches import refuse_mismatches
from spikewatt.results.protocol import made_up
from spikewatt.results.registry import with_rivals

COMMAND = "snakemake --cores 1"
FIRST = "fig_answer"  # stands with the answer


def build(
    results,
    expected=None,
    plans=None,
    source=None,
    command=COMMAND,
    networks=None,
    partial=False,
):
    """Write the report on the folder `results`; returns its path.

    expected: the runs to look for, as `results.runs.read_all` takes them; without
    it, what the folder suggests and `networks`, of an earlier report (see `memory`).
    plans: «experiment/network» → settings of the config, to refuse runs made with
    others (`SettingsMismatch`). source: of the data, as in the config. command: what
    starts Snakemake on this folder. partial: runs are shown whatever their settings.
    Whatever is missing or damaged is named in the report and does not stop it.
    """
    results = Path(results)
    if not results.is_dir():
        raise NotADirectoryError(f"{results} is no folder: give a results folder")
    read = runs.read_all(expected or discover.expected(results, networks))
    if partial:
        plans = None
    else:
        refuse_mismatches(read, plans)
    book = notes.Notes()
    fake = made_up(read, source)
    content = _of_folder(results, read, fake, book) | _of_runs(read, command, book)
    html = page.render(
        notes=len(book),
        memory=(memory.NAME, memory.kept(read, command, source)),
        deviations=deviations.sentences(read, plans or _plans(read), source),
        made_up=fake,
        **content,
        **_of_project(results, command),
    )
    target = results / "report.html"
    # Text of damaged files may hold halves of characters, which no file can.
    atomic.write_text(target, html.encode("utf-8", "replace").decode("utf-8"))
    return target


def _plans(read):
    """The settings that the runs themselves say they were made with."""
    return {f"{run.experiment}/{run.network}": settings.of(run) for run in read}


def _of_runs(read, command, book):
    """What the page says of the runs themselves; book: the page's notes so far."""
    incidents = [("incident", text) for text in state.incidents(read)]
    return {
        "incomplete": state.incomplete(read, command),
        "edited": state.edited(read),
        "meters": facts.measured(read),
        "machines": facts.machines(read),
        "incidents": book.tell(incidents)[0],
        "overview": grids.from_records("What was run", facts.overview(read)),
        "experiments": list(dict.fromkeys(run.experiment for run in read)),
        "tested": sum(run.test is not None for run in read),
        "wanted": len(read),
        "of_paper": contents.of_paper(contents.experiments(read)),
        "choices": choices.rows(read),
    }


def _of_folder(results, read, fake, book):
    """Tables, figures and verdicts as they lie in the folder, and the answer.

    fake: whether the data are made up; book: takes the notes in the order of the page:
    the first figure, tables, figures.
    """
    experiments = contents.experiments(read)
    tables, no_tables = _tables(results / "tables", contents.tables(experiments))
    claims, no_claims = None, []
    if contents.of_paper(experiments):
        path = results / "tables" / "claims.csv"
        claims, no_claims = judged.read(path, fake)
    listed = contents.figures(experiments)
    figures, no_figures = pictures.read(results / "figures", listed)
    first = [book.of_picture(one) for one in figures if one.stem == FIRST]
    return {
        "answer": answer.sentences(read, claims, fake),
        "first": first[0] if first else None,
        "points": compared.COMPARABLE_POINTS,
        "absent": [*no_tables, *no_claims, *no_figures],
        "tables": [book.of_grid(grid) for grid in tables],
        "rivals": _rivals(results, read, experiments, fake),
        "elsewhere": elsewhere.sentences(results / "tables" / "estimates.csv"),
        "figures": [book.of_picture(one) for one in figures if one.stem != FIRST],
        "claims": None if claims is None else judged.rows(claims),
        "tally": [] if claims is None else judged.tally(claims),
        "contradictions": [] if claims is None else judged.contradictions(claims),
    }


def _rivals(results, read, experiments, fake):
    """Sentences on rivals; None where no network has more than one."""
    if not with_rivals(experiments):
        return None
    learned = {name: one.learned for name, one in compared.networks(read).items()}
    return rivals.sentences(results / "tables" / "rivals.csv", learned, fake)


def _of_project(results, command):
    """What the page says whatever the results."""
    return {
        "judging": show.NOTES,
        "errata": paper.rows("errata"),
        "command": command,
        "folder": results.as_posix(),
        "version": spikewatt.__version__,
    }


def _tables(folder, names):
    """(tables that are whole, sentences on those that are not), in the given order."""
    tables, absent = [], []
    for name in names:
        path = folder / f"{name}.json"
        try:
            tables.append(grids.from_json(path))
        except FileNotFoundError:
            absent.append(f"{path} is missing")
        except (OSError, ValueError) as error:
            absent.append(f"{path} cannot be read: {error}")
    return tables, absent
