"""Parsed files, remembered from one call of Snakemake to the next.

Parsing the library takes half of a dry run. What a file means depends on its text
alone (and on Python and the parser), so that what was found out once is kept under a
digest of these, in the folder that Snakemake keeps of its own. Where that cannot be
read or written, files are parsed anew.
"""

import contextlib
import functools
import hashlib
import json
import platform
from pathlib import Path

from spikewatt.files import atomic
from spikewatt.workflow import meaning

KEPT = Path(".snakemake") / "spikewatt-code.json"


class _Memory:
    """What is known of texts: their digest → [digest of the code, imported names]."""

    def __init__(self):
        self.known, self.asked, self.changed = _kept(), {}, False

    def look_up(self, key):
        if key in self.known:
            self.asked[key] = self.known[key]
        return self.known.get(key)

    def add(self, key, value):
        self.known[key] = self.asked[key] = value
        self.changed = True

    def keep(self):
        """Write what was asked for; texts that nobody asks for any more are dropped."""
        if self.changed and KEPT.parent.is_dir():
            # A folder that only reads: parsed anew next time.
            with contextlib.suppress(OSError):
                atomic.write_text(KEPT, json.dumps(self.asked))
            self.changed = False


def parsed(path, root):
    """(digest of what the file means, dotted names that it imports).

    path, root: of the file and of the folder that imports start from. Raises
    `meaning.UnknownImport`.
    """
    return _parsed(path, root, path.stat().st_mtime_ns)


def keep():
    """Remember what was parsed, for the next process."""
    _memory().keep()


@functools.cache
def _parsed(path, root, _stamp):
    text = path.read_text(encoding="utf-8")
    key = _digest(f"{_parser()}\n{path.relative_to(root)}\n{text}")
    found = _memory().look_up(key)
    if found is None:
        code, names = meaning.meaning(text, path, root)
        found = [_digest(code), names]
        _memory().add(key, found)
    code, names = found
    return code, tuple(names)


@functools.cache
def _memory():
    return _Memory()


@functools.cache
def _parser():
    """What turns a text into its meaning: another one may find another meaning."""
    return f"{platform.python_version()} {Path(meaning.__file__).read_text()}"


def _kept():
    """What earlier processes found out; nothing where that is missing or damaged."""
    try:
        read = json.loads(KEPT.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    whole = isinstance(read, dict) and all(map(_is_entry, read.values()))
    return read if whole else {}


def _is_entry(value):
    return (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and isinstance(value[1], list)
        and all(isinstance(name, str) for name in value[1])
    )


def _digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:32]
