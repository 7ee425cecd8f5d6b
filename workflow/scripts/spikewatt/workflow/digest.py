"""What code a script depends on, as one short number.

Snakemake watches a script by its time stamp and the modules it imports not at all.
A rule that takes `code_digest` of its script as a parameter reruns when that script
or a module of ours that it imports changes in meaning, and for nothing else: comments,
formatting and docstrings do not count. What a rule imports and yet never runs, or what
decides no result, is left out by name.
"""

import ast
import functools
import hashlib
from pathlib import Path

# A copy of the numbers elsewhere, and what is told in the log: neither is a result.
TELLING = (
    "spikewatt.tracking",
    "spikewatt.files.progress",
    "spikewatt.workflow.scripting",
)
# What a run of a stack never loads, since `stack.build` and `machine.prepare` import
# the branch that the run takes.
OTHER_BRANCHES = {
    "reference": ("spikewatt.stack.fast", "spikewatt.stack.precision"),
    "fast": ("spikewatt.stack.reference",),
}


class UnknownImport(ValueError):
    """An import whose module is known only when it runs."""


def run_digest(script, root, stack):
    """The code digest of `script` as runs of `stack` use it."""
    return code_digest(script, root, (*TELLING, *OTHER_BRANCHES[stack]))


def code_digest(script, root, without=()):
    """A digest of `script` and of all modules under `root` that it imports.

    `script` and `root` are paths; `root` is the folder that imports start from.
    Imports inside functions count. without: dotted names of modules and packages that
    are left out, and what only they import. Returns 16 hexadecimal digits. Raises
    UnknownImport for a dynamic import that it cannot follow.
    """
    root = Path(root)
    digest = hashlib.sha256()
    for path in sorted(reached(Path(script), root, without)):
        code, _ = _read(path, root, _stamp(path))
        digest.update(f"{path.relative_to(root)}\n{code}\n".encode())
    return digest.hexdigest()[:16]


def reached(script, root, without=()):
    """The files that `script` imports from `root`, directly or not, itself included."""
    seen, waiting = set(), [script]
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            names = _read(path, root, _stamp(path))[1]
            kept = [name for name in names if not _within(name, without)]
            waiting.extend(file for name in kept for file in _files(name, root))
    return seen


def _within(name, packages):
    """Whether a dotted name is that of one of the packages or of something in it."""
    return any(f"{name}.".startswith(f"{package}.") for package in packages)


def _stamp(path):
    """When `path` was changed: twenty scripts share modules, each is parsed once."""
    return path.stat().st_mtime_ns


@functools.cache
def _read(path, root, _stamp):
    """(code without docstrings, comments and layout; dotted names it imports)."""
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
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


@functools.cache
def _files(name, root):
    """The files that importing `name` runs: its packages' and its own."""
    parts = name.split(".")
    files = []
    for depth in range(1, len(parts) + 1):
        stem = root.joinpath(*parts[:depth])
        candidates = (stem / "__init__.py", stem.with_suffix(".py"))
        files += [file for file in candidates if file.is_file()]
    return files
