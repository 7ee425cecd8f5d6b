"""How a script ends: with a sentence, with a traceback, or as the signal ends it."""

import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest

from spikewatt.data import catalogue
from spikewatt.workflow.scripting import logged

SCRIPT = """
import sys
from types import SimpleNamespace
from spikewatt.network.describe import describe
from spikewatt.workflow.scripting import logged

with logged(SimpleNamespace(log=[sys.argv[1]])):
    {body}
"""


def run(tmp_path, body):
    """(status, what the screen shows, what the log holds) of a script."""
    file, log = tmp_path / "script.py", tmp_path / "log"
    file.write_text(SCRIPT.format(body=body))
    command = [sys.executable, str(file), str(log)]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr, log.read_text()


def test_a_sentence_of_ours_comes_alone(tmp_path):
    body = "describe([], (1, 28, 28), 'fc0')"
    status, screen, log = run(tmp_path, body)
    assert status == 1
    for text in (screen, log):
        assert "fc0" in text and len(text.splitlines()) == 1


@pytest.mark.parametrize(
    "body", ["int('x')", "open('/nowhere/at/all')", "raise ValueError('not of ours')"]
)
def test_what_others_raise_comes_with_its_traceback(tmp_path, body):
    status, screen, log = run(tmp_path, body)
    assert status == 1
    assert "Traceback" in screen and "Traceback" in log


def test_a_fault_of_ours_comes_with_its_traceback(tmp_path):
    given = SimpleNamespace(log=[tmp_path / "log"])
    with pytest.raises(KeyError), logged(given):
        catalogue.get("no such")
    assert "Traceback" in (tmp_path / "log").read_text()


def test_an_interrupt_ends_it_as_the_signal_does(tmp_path):
    status, screen, _ = run(tmp_path, "raise KeyboardInterrupt")
    assert status == -signal.SIGINT and "Traceback" not in screen
