"""What a Python file means and imports, whatever its comments and layout."""

import ast


class UnknownImport(ValueError):
    """An import whose module is known only when it runs."""


def meaning(text, path, root):
    """(code without docstrings, comments and layout; dotted names it imports).

    text: of the file `path` under `root`, the folder that imports start from. Raises
    UnknownImport for a dynamic import that does not name its module in full.
    """
    tree = ast.parse(text, filename=str(path))
    names = []
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_docstring(node):
            node.body = body[1:] or [ast.Pass()]
        names += _imported(node, path, root)
    return ast.unparse(tree), names


def _imported(node, path, root):
    """The dotted names that a syntax node imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = _absolute(node, path, root)
        return [base, *(f"{base}.{alias.name}" for alias in node.names)]
    if _is_dynamic(node):
        return [_named(node, path)]
    return _started(node)


def _is_docstring(node):
    first = node.body[0]
    holder = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return (
        isinstance(node, holder)
        and isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )


def _is_dynamic(node):
    """Whether a syntax node is `importlib.import_module(…)` or `__import__(…)`."""
    if not isinstance(node, ast.Call):
        return False
    called = getattr(node.func, "attr", getattr(node.func, "id", None))
    return called in ("import_module", "__import__")


def _named(call, path):
    """The module that a dynamic import names, where it is written out in full."""
    first = call.args[0] if call.args else None
    name = first.value if isinstance(first, ast.Constant) else None
    if not isinstance(name, str) or name.startswith("."):
        raise UnknownImport(
            f"{path}, line {call.lineno}: what this imports is known only when it "
            "runs, so that a change of it would rerun nothing; import each module by "
            "its name"
        )
    return name


def _started(node):
    """The modules that a command in a list starts, as `[sys.executable, "-m", …]`."""
    words = [getattr(item, "value", None) for item in getattr(node, "elts", ())]
    return [
        name
        for word, name in zip(words, words[1:], strict=False)
        if word == "-m" and isinstance(name, str)
    ]


def _absolute(node, path, root):
    if not node.level:
        return node.module
    parts = path.relative_to(root).parts[: -node.level]
    return ".".join((*parts, node.module) if node.module else parts)
