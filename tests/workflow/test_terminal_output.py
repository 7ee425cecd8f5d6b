"""The whole output of a tiny run, as a terminal and as a file get it."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass

import pytest

from project import Project

# Where no job could be told from another: a terminal's codes, without the bar's lines.
CODES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
BAR = re.compile(r"^ *\d+ % \|.*\| \d+ of \d+ jobs, .*$")
LONGEST = 420  # of a line; warnings that name another process are the longest
TARGETS = "exp1/ann", "fig07"
COMMAND = ["--cores", "2", *TARGETS, "--configfile", "tiny.yaml"]


def run(folder, terminal):
    """(exit status, output) of a tiny run with its stderr on a terminal or a pipe."""
    (folder / "tmp").mkdir(exist_ok=True)
    environment = os.environ | {"TMPDIR": str(folder / "tmp"), "TERM": "xterm"}
    ours, theirs = pty.openpty() if terminal else os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "snakemake", *COMMAND],
        cwd=folder,
        env=environment,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    return _read(ours, process), process.wait()


def _read(descriptor, process):
    """All that is written until the process and its children have ended."""
    parts, end = [], time.monotonic() + 600
    while time.monotonic() < end:
        if not select.select([descriptor], [], [], 1)[0]:
            continue
        try:
            part = os.read(descriptor, 65536)
        except OSError:  # a terminal that nobody has open any more
            part = b""
        if not part:
            break
        parts.append(part)
    os.close(descriptor)
    return b"".join(parts).decode()


@dataclass
class Outputs:
    """What a run wrote on a terminal, and anew into a pipe; its project."""

    terminal: str
    pipe: str
    project: Project


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    project = Project.copy(tmp_path_factory.mktemp("terminal") / "project")
    texts = []
    for terminal in (True, False):
        text, status = run(project.folder, terminal)
        assert status == 0, text[-3000:]
        texts.append(text)
        if terminal:
            for name in ("runs", "figures"):
                shutil.rmtree(project.folder / "results" / "tiny" / name)
    return Outputs(*texts, project)


def lines_of(text):
    """What stands on the screen in the end and went by: a line each, no codes."""
    text = text.replace("\r\n", "\n")
    written = [part for line in text.split("\n") for part in re.split(r"\r", line)]
    return [CODES.sub("", part).rstrip() for part in written]


def check_plain(lines):
    """One line an event, and nothing that a user cannot use."""
    told, name = "\n".join(lines), "exp1/ann/reference/seed0"
    for pattern, count in (
        (r"Training exp1/ann \(reference", 1),
        (rf"{name}, epoch \d of 2: training .* left$", 2),
        (rf"{name}: best epoch \d of 2, validation accuracy [\d.]+ %$", 1),
        (rf"{name}: test accuracy [\d.]+ %$", 1),
    ):
        assert len(re.findall(pattern, told, re.MULTILINE)) == count, pattern
    for line in lines:
        assert len(line) < LONGEST, line
        assert line.count("results/") + line.count("resources/") <= 2, line
        assert not re.search(r"\{'\w+':|Reason|reason:|wildcards:|jobid", line), line
        assert not re.match(r"\s*(input|output|log|rule|resources|count)\b.*:", line)
    assert "spikes per" not in told and "alt" not in told.split()


def test_a_terminal_has_the_bar_below_plain_lines(outputs):
    lines = lines_of(outputs.terminal)
    bars = [line for line in lines if BAR.match(line)]
    assert len(bars) > 10
    assert any("left" in line and "not known" not in line for line in bars)
    assert max(map(len, bars)) < 80
    others = [line for line in lines if not BAR.match(line)]
    assert not any("|" in line and "jobs," in line for line in others)  # none is torn
    assert not any("done]" in line for line in others)
    check_plain(others)


def test_a_file_has_plain_lines_alone(outputs):
    assert "\x1b" not in outputs.pipe and "\r" not in outputs.pipe
    lines = outputs.pipe.splitlines()
    assert not any(BAR.match(line) for line in lines)
    assert re.search(r"\[\d+/\d+ done\] Training exp1/ann", outputs.pipe)
    check_plain(lines)


@pytest.mark.parametrize(
    "line",
    [
        "Reason: Missing output files: results/tiny/table1.csv",
        "    input: " + ", ".join(f"results/tiny/{n}.csv" for n in range(75)),
        "13:00:00 {'experiment': 'exp1', 'learning_rate': 0.001}",
        "Figure 10. Mean firing rate: spikes per neuron and step.",
        "13:00:00 exp1/ann/reference/seed0: test accuracy 98.02 %",  # twice
        "x" * 500,
    ],
)
def test_the_check_sees_what_it_is_to_see(outputs, line):
    with pytest.raises(AssertionError):
        check_plain([*outputs.pipe.splitlines(), line])


def test_a_dry_run_says_which_settings_changed_old_and_new(outputs):
    """In few lines, for runs and for others."""
    changed = ["training={learning_rate: 0.01}", "sample={train: 70}"]
    text = dry_run(outputs.project, "--config", *changed)
    why = text.split("Why:\n")[1].split("\nThis was a dry-run")[0].splitlines()
    assert len(why) == 3
    assert why[0].endswith("of mnist: sample.train 60 → 70 (4 jobs)")
    assert why[1] == "  exp1/ann: training.learning_rate 0.001 → 0.01 (2 jobs)"
    assert why[2].startswith("  made from what changes (")
    assert "Reason" not in text and "Job stats" not in text and "{" not in text


def test_a_dry_run_names_code_as_such(outputs):
    changed = "workflow/scripts/spikewatt/figures/architecture.py"
    with open(outputs.project.folder / changed, "a", encoding="utf-8") as handle:
        handle.write("\n\nANOTHER = 1\n")
    text = dry_run(outputs.project)
    assert text.split("Why:\n")[1].splitlines()[0] == "  code changed: fig07 (1 job)"


def dry_run(project, *arguments):
    """What `snakemake -n` says of the tiny run's targets."""
    return project.snakemake("--dry-run", *TARGETS, *arguments).stdout
