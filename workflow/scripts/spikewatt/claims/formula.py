"""A small language for claims: numbers, cells of tables, + − * / and parentheses.

A cell is a dotted name, `t1.exp1.ann.mean_epoch_time_s`; what it stands for is the
caller's business. Formulas come from a data file, so they are parsed, never executed.
"""

import ast
import functools
import operator

OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class FormulaError(ValueError):
    """A formula that says something else than the language knows."""


def parse(formula):
    """The syntax tree of a formula. Raises FormulaError for anything foreign."""
    try:
        tree = ast.parse(formula.strip(), mode="eval").body
    except SyntaxError as error:
        raise FormulaError(f"«{formula}» is not a formula: {error.msg}") from None
    _check(tree, formula)
    return tree


@functools.cache
def _known(formula):
    """As `parse`, once for all seeds; nobody changes this tree."""
    return parse(formula)


def names(formula):
    """The cells that a formula refers to, each once, in order."""
    return list(dict.fromkeys(_names(_known(formula))))


def evaluate(formula, cells):
    """The number that a formula gives, or None.

    cells: name → number; None stands for a missing one. None comes out where a cell is
    missing or a divisor is 0.
    """
    try:
        return _value(_known(formula), cells)
    except ZeroDivisionError:
        return None


def gradient(formula, cells):
    """Partial derivatives of a formula: name → number. All cells must have a value."""
    tree = _known(formula)
    return {name: _slope(tree, cells, name) for name in names(formula)}


def expand(formula, definitions, prefix="claim."):
    """A formula with each `claim.<id>` replaced by the formula that defines <id>.

    Raises FormulaError for a claim that is not defined or refers to itself.
    """
    for _ in range(len(definitions) + 1):
        wanted = [name for name in names(formula) if name.startswith(prefix)]
        if not wanted:
            return formula
        for name in wanted:
            if name.removeprefix(prefix) not in definitions:
                raise FormulaError(
                    f"«{formula}» refers to {name}, which is not defined"
                )
        formula = _substituted(formula, definitions, prefix)
    raise FormulaError(f"«{formula}» refers to itself")


def _substituted(formula, definitions, prefix):
    class Replace(ast.NodeTransformer):
        def visit_Attribute(self, node):
            name = ast.unparse(node)
            if not name.startswith(prefix):
                return node
            return parse(definitions[name.removeprefix(prefix)])

    return ast.unparse(Replace().visit(parse(formula)))


def _check(node, formula):
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        _check(node.left, formula)
        _check(node.right, formula)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        _check(node.operand, formula)
    elif not (_is_number(node) or _is_cell(node)):
        raise FormulaError(
            f"«{formula}» holds «{ast.unparse(node)}»; only numbers, dotted names, "
            "+ - * / and parentheses are allowed"
        )


def _is_number(node):
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _is_cell(node):
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _names(node):
    if isinstance(node, ast.BinOp):
        return [*_names(node.left), *_names(node.right)]
    if isinstance(node, ast.UnaryOp):
        return _names(node.operand)
    return [] if isinstance(node, ast.Constant) else [_cell(node)]


def _cell(node):
    """The dotted name that a cell's node is."""
    if isinstance(node, ast.Name):
        return node.id
    return f"{_cell(node.value)}.{node.attr}"


def _value(node, cells):
    if isinstance(node, ast.Constant):
        return float(node.value)
    if isinstance(node, ast.UnaryOp):
        inner = _value(node.operand, cells)
        return None if inner is None else -inner
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left, cells), _value(node.right, cells)
        if left is None or right is None:
            return None
        return OPERATORS[type(node.op)](left, right)
    return cells.get(_cell(node))


def _slope(node, cells, name):
    """The derivative of a node with respect to one cell."""
    if isinstance(node, ast.UnaryOp):
        return -_slope(node.operand, cells, name)
    if not isinstance(node, ast.BinOp):
        cell = not isinstance(node, ast.Constant) and _cell(node) == name
        return float(cell)
    left, right = _value(node.left, cells), _value(node.right, cells)
    by_left, by_right = (_slope(n, cells, name) for n in (node.left, node.right))
    if isinstance(node.op, ast.Mult):
        return by_left * right + left * by_right
    if isinstance(node.op, ast.Div):
        return (by_left * right - left * by_right) / right**2
    return OPERATORS[type(node.op)](by_left, by_right)
