"""What code a script depends on, as one short number.

Snakemake watches a script by its time stamp and the modules it imports not at all.
A rule that takes `code_digest` of its script as a parameter reruns when that script
or a module of ours that it imports changes in meaning, and for nothing else: comments,
formatting and docstrings do not count.
"""

import ast
import functools
import hashlib
from pathlib import Path


def code_digest(script, root):
    """A digest of `script` and of all modules under `root` that it imports.

    `script` and `root` are paths; `root` is the folder that imports start from.
    Imports inside functions count. Returns 16 hexadecimal digits.
    """
    root = Path(root)
    digest = hashlib.sha256()
    for path in sorted(reached(Path(script), root)):
        code, _ = _read(path, root, _stamp(path))
        digest.update(f"{path.relative_to(root)}\n{code}\n".encode())
    return digest.hexdigest()[:16]


def reached(script, root):
    """The files that `script` imports from `root`, directly or not, itself included."""
    found, waiting = set(), [script]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting.extend(_read(path, root, _stamp(path))[1])
    return found


def _stamp(path):
    """When `path` was changed: twenty scripts share modules, each is parsed once."""
    return path.stat().st_mtime_ns


@functools.cache
def _read(path, root, _stamp):
    """(code without docstrings, comments and layout; files that it imports)."""
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    names = []
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_docstring(node):
            node.body = body[1:] or [ast.Pass()]
        names += _imported(node, path, root)
    files = {file for name in names for file in _files(name, root)}
    return ast.unparse(tree), files


def _imported(node, path, root):
    """The dotted names that a syntax node imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = _absolute(node, path, root)
        return [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return _siblings(path, root) if _is_dynamic(node) else []


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
    """`importlib.import_module(…)`: what it may load is the module's own package."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "import_module"
    )


def _siblings(path, root):
    package = path.parent.relative_to(root)
    return [
        ".".join((*package.parts, other.stem)) for other in path.parent.glob("*.py")
    ]


def _absolute(node, path, root):
    if not node.level:
        return node.module
    parts = path.relative_to(root).parts[: -node.level]
    return ".".join((*parts, node.module) if node.module else parts)


def _files(name, root):
    """The files that importing `name` runs: its packages' and its own."""
    parts = name.split(".")
    files = []
    for depth in range(1, len(parts) + 1):
        stem = root.joinpath(*parts[:depth])
        candidates = (stem / "__init__.py", stem.with_suffix(".py"))
        files += [file for file in candidates if file.is_file()]
    return files
