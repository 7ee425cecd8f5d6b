"""Tables as the page shows them: headings, row headings, cells as written."""

import json
import re
from dataclasses import dataclass, field, replace

NUMBER = re.compile(
    r"(× |[+−-])?[\d.,]+( ± [\d.,]+)?"
    r"( \[[\d., ]+\]| \(n = \d+(: no useful interval)?\))*|—.*"
)
# A table with more rows than this is folded away until it is asked for.
LONG = 20


@dataclass
class Grid:
    """A table. heads: (text, is number); groups: lists of rows, a row a list of text.

    The first `keys` cells of a row are its headings; all but the last of them stand
    in a group's first row only and hold for the whole group. notes: (kind, sentence)
    tuples; cells refer to them by number, as [1], [2], … origin: what it was made from;
    left_out: the sentence on columns that hold nothing and do not stand here.
    """

    caption: str
    heads: list
    groups: list
    keys: int
    notes: list = field(default_factory=list)
    origin: str = ""
    left_out: str = ""

    @property
    def rows(self):
        """How many rows it has."""
        return sum(map(len, self.groups))

    @property
    def folded(self):
        """Whether it is so long that it is folded away."""
        return self.rows > LONG

    @property
    def corner(self):
        """The heading over the rows' headings: «Experiment · Network»."""
        return " · ".join(text for text, _ in self.heads[: self.keys] if text)


def from_records(caption, rows):
    """A `Grid` of dicts of text with equal keys; the first key is the heading."""
    heads = list(rows[0]) if rows else []
    cells = [list(row.values()) for row in rows]
    return Grid(caption, _numeric(heads, cells), [[row] for row in cells], 1)


def from_json(path):
    """A `Grid` of a table of ours as data (see `spikewatt.results.table`).

    Its text is taken as it is and may hold anything: the page escapes it. Raises
    OSError where there is no such file, and ValueError that says what is wrong with it.
    """
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    table = _of_type(table, dict, "it")
    title = _of_type(table.get("title"), str, "title")
    header = _texts(table.get("header"), "header")
    groups = [
        [_texts(row, "a row") for row in _of_type(group, list, "a group")]
        for group in _of_type(table.get("groups"), list, "groups")
    ]
    rows = [row for group in groups for row in group]
    if not header or any(len(row) != len(header) for row in rows):
        raise ValueError("its rows are not as long as its header")
    keys = _of_type(table.get("keys"), int, "keys")
    if not 1 <= keys <= len(header):
        raise ValueError(f"keys is {keys}, but there are {len(header)} columns")
    notes = [_note(note) for note in _of_type(table.get("notes", []), list, "notes")]
    origin = _of_type(table.get("origin", ""), str, "origin")
    heads, groups = _numeric(header, rows), [*filter(None, groups)]
    whole = Grid(title, heads, groups, keys, notes, origin)
    return without_empty(whole, path.with_suffix(".csv").name)


def without_empty(grid, file):
    """The grid without columns that hold nothing, and the sentence that says so.

    file: the CSV in which they stand. What refers to a note of theirs goes with them,
    into that sentence.
    """
    rows = [row for group in grid.groups for row in group]
    places = range(len(grid.heads))
    gone = [
        place
        for place in places
        if place >= grid.keys and rows and all(_empty(row[place]) for row in rows)
    ]
    if not gone:
        return grid
    parts = []
    for place in gone:
        cells = " ".join(row[place] for row in rows)
        marks = "".join(dict.fromkeys(re.findall(r"\[\d+\]", cells)))
        parts.append(f"«{grid.heads[place][0]}» {marks}".strip())
    stay = [place for place in places if place not in gone]
    groups = [[[row[p] for p in stay] for row in group] for group in grid.groups]
    one = len(parts) == 1
    return replace(
        grid,
        heads=[grid.heads[place] for place in stay],
        groups=groups,
        left_out=(
            f"Left out, since {'it holds' if one else 'they hold'} nothing: "
            f"{', '.join(parts)}. {'It stands' if one else 'They stand'} in {file}."
        ),
    )


def _empty(cell):
    return not cell or cell.startswith("—")


def _note(note):
    note = _of_type(note, dict, "a note")
    return tuple(_of_type(note.get(key), str, f"a note's {key}") for key in _NOTE)


_NOTE = ("kind", "text")
_TYPES = {dict: "an object", list: "a list", str: "text", int: "a whole number"}


def _texts(value, name):
    cells = _of_type(value, list, name)
    return [_of_type(cell, str, f"a cell of {name}") for cell in cells]


def _of_type(value, kind, name):
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ValueError(f"{name} is not {_TYPES[kind]}")
    return value


def _numeric(heads, rows):
    """Headings with whether their column holds numbers only."""
    columns = zip(*rows, strict=True) if rows else [()] * len(heads)
    return [
        (head, _is_numeric(column)) for head, column in zip(heads, columns, strict=True)
    ]


def _is_numeric(cells):
    present = [cell for cell in cells if cell]
    return bool(present) and all(NUMBER.fullmatch(cell) for cell in present)
