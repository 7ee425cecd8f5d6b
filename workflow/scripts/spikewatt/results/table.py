"""A table for people and programs: Markdown, LaTeX, JSON and CSV of one content."""

import itertools
import math
from dataclasses import dataclass, field

import pandas as pd
from tabulate import tabulate

from spikewatt.files import atomic
from spikewatt.results.notes import Note

EMPTY = "—"
MINUS = "−"
# What LaTeX does not set, or only with packages that a reader may lack.
LATEX = {
    MINUS: "$-$",
    "×": r"$\times$",
    "±": r"$\pm$",
    "†": r"\dag{}",
    "«": "``",
    "»": "''",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "→": r"$\to$",
    "β": r"$\beta$",
}


@dataclass
class Table:
    """What a table shows.

    data: plain numbers, a row per network or quantity, for the CSV; rows: the text
    of the cells for people, as many as `header`; groups: indices of rows with which a
    group starts; keys: how many cells at the start of a row name it; notes: `Note`
    records, referred to in cells as [1], [2], …; origin: what it was made from (see
    `results.origin`), under the title and as the last column of the CSV.
    """

    name: str
    title: str
    header: list
    data: pd.DataFrame
    rows: list = field(default_factory=list)
    groups: list = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    keys: int = 1
    origin: str = ""

    def note(self, note):
        """The mark «[n]» of a note, which is added unless its text is there already."""
        texts = [other.text for other in self.notes]
        if note.text not in texts:
            self.notes.append(note)
            texts.append(note.text)
        return f"[{texts.index(note.text) + 1}]"

    def add(self, rows):
        """Add rows that belong together, as a group."""
        self.groups.append(len(self.rows))
        self.rows += rows

    def content(self):
        """The table as people see it, for programs: a dict of text, lists and notes."""
        starts = sorted({0, *self.groups, len(self.rows)})
        return {
            "name": self.name,
            "title": self.title,
            "origin": self.origin,
            "header": list(self.header),
            "keys": self.keys,
            "groups": [self.rows[a:b] for a, b in itertools.pairwise(starts)],
            "notes": [note.record() for note in self.notes],
        }

    def markdown(self):
        """The table as Markdown with its title above and its notes below."""
        cells = [[_pipes(cell) for cell in row] for row in self.rows]
        header = [_pipes(name) for name in self.header]
        body = tabulate(cells, header, "github", disable_numparse=True)
        notes = "".join(
            f"\n[{number}] {_pipes(note.text)}  "
            for number, note in enumerate(self.notes, 1)
        )
        head = "\n\n".join(filter(None, [f"**{self.title}**", _pipes(self.origin)]))
        return f"{head}\n\n{body}\n{notes and chr(10) + notes.strip()}\n"

    def latex(self):
        r"""The table as a LaTeX `table*`, which needs \usepackage{booktabs}."""
        lines = tabulate(
            self.rows, self.header, "latex_booktabs", disable_numparse=True
        ).splitlines()
        first = lines.index(r"\midrule") + 1
        for index in sorted(self.groups, reverse=True):
            if index:
                lines.insert(first + index, r"\addlinespace")
        notes = [
            rf"\par\noindent [{number}] {escape(note.text)}"
            for number, note in enumerate(self.notes, 1)
        ]
        return "\n".join(
            [
                r"% needs \usepackage{booktabs} and \usepackage{graphicx}",
                r"\begin{table*}",
                r"\centering",
                rf"\caption{{{escape(self.title)}{self._latex_origin()}}}",
                rf"\label{{tab:{self.name}}}",
                r"\resizebox{\textwidth}{!}{%",
                *map(_replaced, lines),
                "}",
                *([r"\footnotesize", *notes] if notes else []),
                r"\end{table*}",
                "",
            ]
        )

    def _latex_origin(self):
        return f". {escape(self.origin)}" if self.origin else ""

    def write(self, *paths):
        """Write to each path what its suffix asks for: .csv, .md, .tex or .json."""
        for path in map(str, paths):
            if path.endswith(".csv"):
                data = (
                    self.data.assign(origin=self.origin) if self.origin else self.data
                )
                with atomic.writing(path) as handle:
                    data.to_csv(handle, index=False, float_format="%.10g")
            elif path.endswith(".json"):
                atomic.write_json(path, self.content())
            else:
                text = self.latex() if path.endswith(".tex") else self.markdown()
                atomic.write_text(path, text)


def frame(records):
    """Records as a DataFrame in which a missing number is NaN, never None."""
    return pd.DataFrame(
        {key: math.nan if value is None else value for key, value in record.items()}
        for record in records
    )


def number(value, digits):
    """A number for people, or «—» where there is none."""
    if value is None or math.isnan(value):
        return EMPTY
    return f"{value:.{digits}f}".replace("-", MINUS)


def signed(value, digits):
    """A difference for people: «+0.35», «−0.35»."""
    if value is None or math.isnan(value):
        return EMPTY
    rounded = round(value, digits)
    sign = "+" if rounded > 0 else ""
    # + 0.0 takes the sign off a negative zero
    return f"{sign}{rounded + 0.0:.{digits}f}".replace("-", MINUS)


def spread(value, half, digits, show=number):
    """A value with the half width of its interval, if it has one: «98.02 ± 0.11»."""
    text = show(value, digits)
    return text if half is None or text == EMPTY else f"{text} ± {half:.{digits}f}"


def interval(value, low, high, digits=2):
    """A value with its interval, if it has one: «2.81», «2.81 [2.70, 2.93]», «—»."""
    text = number(value, digits)
    if low is None or text == EMPTY:
        return text
    return f"{text} [{low:.{digits}f}, {high:.{digits}f}]"


def escape(text):
    """Text as LaTeX sets it, on one line."""
    row = tabulate(
        [[" ".join(text.split())]], tablefmt="latex_booktabs", disable_numparse=True
    )
    cell = row.splitlines()[2].removesuffix(r"\\").strip()
    return _replaced(cell)


def _replaced(text):
    for character, command in LATEX.items():
        text = text.replace(character, command)
    return text


def _pipes(text):
    return " ".join(str(text).split()).replace("|", r"\|")
