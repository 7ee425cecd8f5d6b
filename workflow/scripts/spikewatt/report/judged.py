"""The claims as the page shows them: claims.csv with its numbers in words."""

import pandas as pd

from spikewatt import claims
from spikewatt.claims.selfcheck import INCONSISTENT
from spikewatt.claims.show import RELATIONS, basis, number

COLUMNS = (
    "id",
    "place",
    "quote",
    "experiment",
    "statement",
    "claimed",
    "unit",
    "relation",
    "table_value",
    "self_check",
    "run_value",
    "verdict",
    "basis",
    "flags",
    "same_as",
)
QUESTIONS = {
    "self_check": "The paper against its own tables",
    "verdict": "This run against the paper",
}


def read(path, made_up=False):
    """(claims.csv as text, []), or (None, [why]) where it is missing or damaged.

    made_up: whether the data are, so that no verdict of an older file may stand.
    """
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        return None, [f"{path} is missing"]
    except (OSError, ValueError) as error:
        return None, [f"{path} cannot be read: {error}"]
    lacking = [column for column in COLUMNS if column not in table]
    if lacking:
        return None, [f"{path} lacks the columns {', '.join(lacking)}"]
    return claims.without_verdicts(table) if made_up else table, []


def rows(table):
    """A dict for each claim, its numbers with relation and unit («> 10 times»)."""
    return [
        {
            **claim,
            "claimed": RELATIONS.get(claim["relation"], "")
            + _number(claim["claimed"], claim["unit"]),
            "table_value": _number(claim["table_value"], claim["unit"]),
            "run_value": _measured(claim),
            "basis": basis(claim),
            "origin": claim.get("origin", ""),
        }
        for claim in table.to_dict("records")
    ]


def _measured(claim):
    """This run's number; † where epochs of it were flagged."""
    return f"{_number(claim['run_value'], claim['unit'])}{' †' * bool(claim['flags'])}"


def contradictions(table):
    """The claims that the paper's own tables contradict, as `rows` gives them."""
    return rows(table[table["self_check"] == INCONSISTENT])


def tally(table):
    """(question, counts in words) for self-check and verdict."""
    return [
        (QUESTIONS[key], ", ".join(f"{n} {answer}" for answer, n in counted.items()))
        for key, counted in claims.counts(table).items()
    ]


def _number(text, unit):
    try:
        return f"{number(float(text))} {unit}".strip()
    except ValueError:
        return text
