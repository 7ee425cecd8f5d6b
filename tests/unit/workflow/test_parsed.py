"""What was parsed once is remembered, and never stands for what is there now."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[3] / "workflow" / "scripts"
# Prints the digest of run.py, and how many files were parsed for it.
ASK = """
import sys
from spikewatt.workflow import digest, meaning
parse, count = meaning.meaning, []
meaning.meaning = lambda *args: count.append(1) or parse(*args)
print(digest.code_digest(sys.argv[1] + "/run.py", sys.argv[1]), len(count))
"""


@pytest.fixture
def folder(tmp_path):
    """A working folder of Snakemake's, with code of two files."""
    (tmp_path / ".snakemake").mkdir()
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "run.py").write_text("import used\nused.f()\n")
    (tmp_path / "code" / "used.py").write_text("def f():\n    return 1\n")
    return tmp_path


def asked(folder):
    """(digest, files parsed) of a process of its own."""
    command = [sys.executable, "-c", ASK, str(folder / "code")]
    env = {**os.environ, "PYTHONPATH": str(SCRIPTS)}
    told = subprocess.run(
        command, cwd=folder, env=env, check=True, capture_output=True, text=True
    ).stdout.split()
    return told[0], int(told[1])


def test_a_second_process_parses_nothing_and_says_the_same(folder):
    first, parsed = asked(folder)
    assert parsed == 2
    assert asked(folder) == (first, 0)


def test_only_the_file_that_changed_is_parsed_again(folder):
    first, _ = asked(folder)
    used = folder / "code" / "used.py"
    times = used.stat().st_atime_ns, used.stat().st_mtime_ns
    used.write_text("def f():\n    return 2\n")
    os.utime(used, ns=times)  # of the same age and size as before
    second, parsed = asked(folder)
    assert (second != first, parsed) == (True, 1)
    used.write_text("def f():\n    return 1\n")
    assert asked(folder)[0] == first


def test_without_a_folder_of_snakemakes_nothing_is_written(folder):
    first, _ = asked(folder)
    (folder / ".snakemake" / "spikewatt-code.json").unlink()
    (folder / ".snakemake").rmdir()
    assert asked(folder) == (first, 2)
    assert not (folder / ".snakemake").exists()


@pytest.mark.parametrize("damage", ["", "[]", '{"a": 1}', '{"a": ["x", [1]]}', "{"])
def test_a_damaged_memory_is_no_memory(folder, damage):
    first, _ = asked(folder)
    kept = folder / ".snakemake" / "spikewatt-code.json"
    kept.write_text(damage)
    assert asked(folder) == (first, 2)
    assert len(json.loads(kept.read_text())) == 2


def test_the_digest_does_not_depend_on_what_is_remembered(folder):
    fresh = asked(folder)[0]
    (folder / "code" / "more.py").write_text("X = 1\n")
    (folder / "code" / "used.py").write_text("import more\ndef f():\n    return 1\n")
    grown = asked(folder)
    (folder / ".snakemake" / "spikewatt-code.json").unlink()
    assert grown == (asked(folder)[0], 2)
    assert grown[0] != fresh
