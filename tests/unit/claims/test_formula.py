"""The language of claims: what it computes and what it refuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikewatt.claims import formula

CELLS = {"t1.a.b.c": 6.0, "t1.a.d.c": 3.0, "x": None}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("t1.a.b.c / t1.a.d.c", 2),
        ("100 * (t1.a.b.c / t1.a.d.c - 1)", 100),
        ("-t1.a.d.c + 2 * 4", 5),
        ("t1.a.b.c - (1 - 0.5)", 5.5),
        ("x + 1", None),
        ("unknown.cell", None),
        ("1 / (t1.a.d.c - 3)", None),
    ],
)
def test_values(text, value):
    assert formula.evaluate(text, CELLS) == value


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').getcwd()",
        "t1.a[0]",
        "2 ** 8",
        "1 if x else 2",
        "'text'",
        "True + 1",
        "x < 3",
        "(x := 3)",
        "3 +",
        "",
    ],
)
def test_everything_else_is_refused(text):
    with pytest.raises(formula.FormulaError):
        formula.evaluate(text, CELLS)


@given(st.floats(-100, 100), st.floats(1, 100), st.floats(-100, 100))
def test_agrees_with_python(a, b, c):
    text = "(a.x - b.x * 2) / b.x + -c.x"
    cells = {"a.x": a, "b.x": b, "c.x": c}
    assert formula.evaluate(text, cells) == pytest.approx((a - b * 2) / b - c)


def test_names_once_and_in_order():
    assert formula.names("b.x + a.x / (b.x - 1)") == ["b.x", "a.x"]


def test_gradient_by_hand():
    # d(x/y)/dx = 1/y, d(x/y)/dy = −x/y²
    found = formula.gradient("x.v / y.v", {"x.v": 8.0, "y.v": 2.0})
    assert found == {"x.v": 0.5, "y.v": -2.0}


@given(st.floats(-100, 100), st.floats(1, 100), st.floats(-100, 100))
def test_gradient_is_the_limit_of_differences(a, b, c):
    text = "3 * a.x * (b.x - a.x) / b.x - -c.x * a.x"
    cells = {"a.x": a, "b.x": b, "c.x": c}
    for name, slope in formula.gradient(text, cells).items():
        above = formula.evaluate(text, cells | {name: cells[name] + 1e-4})
        below = formula.evaluate(text, cells | {name: cells[name] - 1e-4})
        assert slope == pytest.approx((above - below) / 2e-4, rel=1e-4, abs=1e-3)


def test_expand_keeps_the_order_of_operations():
    definitions = {"sum": "a.x + b.x", "twice": "2 * claim.sum"}
    text = formula.expand("10 - claim.twice / 2", definitions)
    assert formula.names(text) == ["a.x", "b.x"]
    assert formula.evaluate(text, {"a.x": 1, "b.x": 2}) == 7


def test_expand_refuses_unknown_and_circular_claims():
    with pytest.raises(formula.FormulaError, match="claim.lost, which is not defined"):
        formula.expand("claim.lost + 1", {})
    with pytest.raises(formula.FormulaError, match="refers to itself"):
        formula.expand("claim.a", {"a": "claim.b", "b": "claim.a"})
