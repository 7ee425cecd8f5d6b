"""The paper against itself: what its tables give for the statements of its text."""

from spikewatt import paper
from spikewatt.claims import formula

CONSISTENT, INCONSISTENT, NO_VALUE = "consistent", "inconsistent", "no table value"


def published(claims):
    """Every number that the paper prints: name → number.

    Cells of its tables («t1.exp1.ann.mean_epoch_time_s») and of its text, the claimed
    values («claim.exp1_ann_max_time»).
    """
    tables = {name: float(printed) for name, printed in paper.cells().items()}
    return tables | {f"claim.{c['id']}": float(c["claimed"]) for c in claims}


def roundings(claims):
    """How far each of those numbers may be from what was measured, by its digits."""
    tables = {name: half_unit(name, text) for name, text in paper.cells().items()}
    return tables | {f"claim.{c['id']}": float(c["tolerance"]) for c in claims}


def half_unit(name, printed):
    """Half a unit of a printed number's last digit; 0 for a count of epochs."""
    if "epochs" in name:
        return 0.0
    return 0.5 * 10.0 ** -len(printed.partition(".")[2])


def check(claim, numbers, rounding):
    """The self-check of one claim, as columns of claims.csv.

    numbers, rounding: of `published` and `roundings`. A claim is consistent if its
    relation holds between what its formula gives and the claimed value, as far as the
    rounding of the claimed value and of every number in the formula allows.
    """
    value = formula.evaluate(claim["formula"], numbers)
    other = claim["alternative"]
    checked = {
        "table_value": value,
        "table_rounding": None,
        "table_alternative": formula.evaluate(other, numbers) if other else None,
        "self_check": NO_VALUE,
    }
    if value is None:
        return checked
    slopes = formula.gradient(claim["formula"], numbers)
    carried = sum(abs(slope) * rounding[name] for name, slope in slopes.items())
    allowed = float(claim["tolerance"]) + carried
    good = holds(claim["relation"], value, float(claim["claimed"]), allowed)
    answer = CONSISTENT if good else INCONSISTENT
    return checked | {"table_rounding": carried, "self_check": answer}


def holds(relation, value, claimed, allowed=0.0):
    """Whether `value` stands in `relation` to `claimed`.

    Equality allows less than `allowed`: where two rounded numbers only touch at the
    edge, as 99.86 and 99.87 do, no single number rounds to both. Raises ValueError for
    an unknown relation.
    """
    dust = 1e-9 * max(1.0, abs(claimed))
    if relation == "equal":
        distance = abs(value - claimed)
        return distance <= dust or distance < allowed - dust
    if relation == "similar":
        return abs(value - claimed) <= allowed + dust
    tests = {
        "more_than": value > claimed + dust,
        "less_than": value < claimed - dust,
        "at_least": value >= claimed - dust,
        "at_most": value <= claimed + dust,
    }
    if relation not in tests:
        raise ValueError(
            f"«{relation}» is no relation; known: equal, similar, {', '.join(tests)}"
        )
    return tests[relation]
