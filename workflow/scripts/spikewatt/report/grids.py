"""Tables as the page shows them: headings, row headings, cells as written."""

import re
from dataclasses import dataclass, field

NUMBER = re.compile(r"(× |[+−-])?[\d.,]+( ± [\d.,]+)?( \[[\d., ]+\]| \(n = \d+\))*|—.*")
BAR = re.compile(r"(?<!\\)\|")


@dataclass
class Grid:
    """A table. heads: (text, is number); groups: lists of rows, a row a list of text.

    The first `keys` cells of a row are its headings; all but the last of them stand
    in a group's first row only and hold for the whole group.
    """

    caption: str
    heads: list
    groups: list
    keys: int
    notes: list = field(default_factory=list)

    @property
    def corner(self):
        """The heading over the rows' headings: «Experiment · Network»."""
        return " · ".join(text for text, _ in self.heads[: self.keys] if text)


def from_records(caption, rows):
    """A `Grid` of dicts of text with equal keys; the first key is the heading."""
    heads = list(rows[0]) if rows else []
    cells = [list(row.values()) for row in rows]
    return Grid(caption, _numeric(heads, cells), [[row] for row in cells], 1)


def from_markdown(path):
    """A `Grid` of a table of ours in Markdown (see `spikewatt.results.table`).

    The title stands in bold above the table, notes below. Rows that leave their first
    cell empty go with the row above. Raises OSError or ValueError.
    """
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    table = [_cells(line) for line in lines if line.startswith("|")]
    if len(table) < 2 or len({len(row) for row in table}) > 1:
        raise ValueError("it holds no whole table")
    text = [_unescaped(line) for line in lines if line and line[0] != "|"]
    title = text[0].strip("*") if text and text[0].startswith("**") else path.stem
    heads, _, *rows = table
    keys = 1 + max(map(_leading, rows), default=0)
    notes = [line for line in text if not line.startswith("**")]
    return Grid(title, _numeric(heads, rows), _groups(rows), keys, notes)


def _cells(line):
    return [_unescaped(cell).strip() for cell in BAR.split(line)[1:-1]]


def _unescaped(text):
    return text.replace(r"\|", "|")


def _leading(row):
    """How many cells are empty at the start of a row."""
    return next((number for number, cell in enumerate(row) if cell), 0)


def _groups(rows):
    groups = []
    for row in rows:
        if row[0] or not groups:
            groups.append([])
        groups[-1].append(row)
    return groups


def _numeric(heads, rows):
    """Headings with whether their column holds numbers only."""
    columns = zip(*rows, strict=True) if rows else [()] * len(heads)
    return [
        (head, _is_numeric(column)) for head, column in zip(heads, columns, strict=True)
    ]


def _is_numeric(cells):
    present = [cell for cell in cells if cell]
    return bool(present) and all(NUMBER.fullmatch(cell) for cell in present)
