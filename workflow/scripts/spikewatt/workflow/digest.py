"""What code a script depends on, as one short number.

Snakemake watches a script by its time stamp and the modules it imports not at all.
A rule that takes `code_digest` of its script as a parameter reruns when that script
or a module of ours that it imports changes in meaning, and for nothing else: comments,
formatting and docstrings do not count. What a rule imports and yet never runs, or what
decides no result, is left out by name.
"""

import functools
import hashlib
from pathlib import Path

from spikewatt.workflow import parsed
from spikewatt.workflow.meaning import UnknownImport

__all__ = ["UnknownImport", "code_digest", "reached", "run_digest"]

# A copy of the numbers elsewhere, and what is told in the log: neither is a result.
TELLING = (
    "spikewatt.tracking",
    "spikewatt.files.progress",
    "spikewatt.workflow.scripting",
)
# What `spikewatt.load` imports when somebody calls it; no script does.
FOR_PEOPLE = ("spikewatt.train.opened",)
# What a run of a stack never loads, since `stack.build` and `machine.prepare` import
# the branch that the run takes.
OTHER_BRANCHES = {
    "reference": ("spikewatt.stack.fast", "spikewatt.stack.precision"),
    "fast": ("spikewatt.stack.reference",),
}


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
        code, _ = parsed.parsed(path, root)
        digest.update(f"{path.relative_to(root)}\n{code}\n".encode())
    parsed.keep()
    return digest.hexdigest()[:16]


def reached(script, root, without=()):
    """The files that `script` imports from `root`, directly or not, itself included.

    Without what is there for people alone (FOR_PEOPLE).
    """
    without = (*without, *FOR_PEOPLE)
    seen, waiting = set(), [script]
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            _, names = parsed.parsed(path, root)
            waiting.extend(_imported(names, root, without))
    return seen


@functools.cache
def _imported(names, root, without):
    """The files that importing `names` runs, but for what is left out.

    Remembered, since the scripts of a workflow import much the same modules.
    """
    kept = [name for name in names if not _within(name, without)]
    return list(dict.fromkeys(file for name in kept for file in _files(name, root)))


def _within(name, packages):
    """Whether a dotted name is that of one of the packages or of something in it."""
    return any(f"{name}.".startswith(f"{package}.") for package in packages)


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
