"""What the terminal shows: Snakemake's records in, lines out; no clock runs."""

import importlib
import io
import logging
import re
import sys
from dataclasses import dataclass

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from spikewatt.files import terminal_line
from spikewatt.workflow import bar as bars
from spikewatt.workflow import explaining
from spikewatt.workflow.bar import Bar
from spikewatt.workflow.remaining import Remaining
from spikewatt.workflow.terminal import Lines


def loaded_plugin():
    """The plugin, which makes Python forget spikewatt's modules: they are put back.

    Else tests that patch a module would patch another copy than the one at work.
    """
    kept = {name: m for name, m in sys.modules.items() if name.startswith("spikewatt")}
    loaded = importlib.import_module("snakemake_logger_plugin_spikewatt")
    sys.modules.update(kept)
    return loaded


plugin = loaded_plugin()


@dataclass
class Settings:
    """Snakemake's output settings, as far as they are looked at."""

    dryrun: bool = False
    quiet: tuple = ()
    show_failed_logs: bool = True
    nocolor: bool = True
    stdout: bool = False


class Terminal(io.StringIO):
    def isatty(self):
        return True


def record(event=None, message="", **facts):
    """A record as Snakemake's logger makes it."""
    made = logging.LogRecord("s", logging.INFO, "", 0, message, None, None)
    made.__dict__.update(event=event, **facts)
    return made


def starts(job, message, rule="train"):
    facts = {"jobid": job, "rule_msg": message, "rule_name": rule, "indent": False}
    return record(LogEvent.JOB_INFO, f"Rule: {rule}", reason="Missing " * 99, **facts)


def planned(**counts):
    stats = counts | {"total": sum(counts.values())}
    return record(LogEvent.RUN_INFO, "Job stats:\njob  count", stats=stats, why=None)


def progress(done, total):
    return record(LogEvent.PROGRESS, "", done=done, total=total)


RUN = [
    record(LogEvent.WORKFLOW_STARTED, "", workflow_id="x"),
    record(message="Building DAG of jobs..."),
    record(message="Provided cores: 2"),
    planned(train=1, test=1, all=1),
    record(message="Select jobs to execute..."),
    starts(1, "Training exp1/ann"),
    record(LogEvent.JOB_FINISHED, "Finished jobid: 1 (Rule: train)", job_id=1),
    progress(1, 3),
    starts(2, "Testing exp1/ann", "test"),
    record(LogEvent.JOB_FINISHED, "Finished jobid: 2 (Rule: test)", job_id=2),
    progress(2, 3),
    starts(3, None, "all"),
    progress(3, 3),
]


def lines(records, **settings):
    """What the formatter makes of records, times as «T»."""
    form = Lines(Settings(**settings))
    texts = [form.format(one) for one in records]
    return [re.sub(r"\d\d:\d\d:\d\d", "T", text) for text in texts if text]


def test_a_run_is_a_line_a_job():
    assert lines(RUN) == [
        "3 jobs",
        "T [0/3 done] Training exp1/ann",
        "T [1/3 done] Testing exp1/ann",
        "3 of 3 jobs done",
    ]


def test_under_a_bar_lines_leave_out_what_it_shows():
    form = Lines(Settings(), under_bar=True)
    texts = [form.format(one) for one in RUN]
    assert not any("done]" in text for text in texts)
    assert sum("Training exp1/ann" in text for text in texts) == 1


def test_a_dry_run_lists_its_jobs_and_then_says_why_in_few_lines():
    first, again = planned(train=2, table1=1, fig10=1, all=1), planned(train=2, all=1)
    first.why = ["exp1/snn: training.learning_rate 0.001 → 0.01 (2 jobs)"]
    again.stats, again.why = first.stats, []  # Snakemake has ticked them off by then
    shown = lines(
        [first, starts(1, "Training exp1/snn"), starts(2, None, "all"), again]
        + [record(message="Reasons:\n    (check individual jobs above for details)")],
        dryrun=True,
    )
    assert shown == [
        "Job 1: Training exp1/snn",
        "5 jobs: 2 train, 3 of tables, figures and targets\nWhy:\n"
        "  exp1/snn: training.learning_rate 0.001 → 0.01 (2 jobs)",
    ]


def test_a_dry_run_that_lists_no_jobs_says_how_many_all_the_same():
    """As with --quiet rules, where Snakemake keeps the jobs' records to itself."""
    first, again = planned(train=2, test=2), planned(train=2, test=2)
    assert lines([first, again], dryrun=True) == ["4 jobs: 2 train, 2 test"]


def test_warnings_and_errors_pass():
    warning = record(message="Provided cores: odd")
    warning.levelno = logging.WARNING
    assert lines([warning]) == ["Provided cores: odd"]
    assert lines([record(LogEvent.ERROR, "No rule")]) == ["No rule"]


def test_time_left_is_worked_out_by_families_of_jobs():
    counts = {"train": 3, "fig01": 1, "fig02": 1, "total": 5}
    left = Remaining(counts, begin=0.0)
    assert left.estimate(1.0) is None  # nothing is known yet
    left.starts(1, "fig01", 0.0)
    left.ends(1, 4.0)
    assert left.estimate(4.0) == (4.0, False)  # fig02, and trainings that nobody knows
    left.starts(2, "train", 4.0)
    assert left.estimate(5.0) == (4.0, False)
    left.ends(2, 14.0)  # 10 s each; two are left, and fig02
    assert left.estimate(14.0) == (24.0, True)
    left.starts(3, "train", 14.0)
    assert left.estimate(17.0) == (21.0, True)  # 3 s of it are over
    assert left.estimate(99.0) == (14.0, True)  # it takes longer than the others


def test_jobs_side_by_side_share_the_time_left():
    left = Remaining({"fig01": 4, "total": 4}, begin=0.0)
    for job in (1, 2):
        left.starts(job, "fig01", 0.0)
    for job in (1, 2):
        left.ends(job, 10.0)
    assert left.estimate(10.0) == (10.0, True)  # two of 10 s, two at once


@pytest.fixture
def drawn(monkeypatch):
    """A bar on a terminal of 60 columns whose clock stands where it is put."""
    monkeypatch.setattr(Bar, "_keep", lambda self: None)
    monkeypatch.setattr(bars, "_columns", lambda stream: 60)
    monkeypatch.setenv(terminal_line.BAR, "")
    now = [0.0]
    bar = Bar(Terminal(), clock=lambda: now[0])
    yield bar, now
    bar.close()


def shown(bar):
    """The last line of the terminal: what follows the last clearing."""
    return bar.stream.getvalue().rsplit(terminal_line.CLEAR, 1)[-1]


def test_the_bar_counts_jobs_and_says_the_time_left(drawn):
    bar, now = drawn
    bar.told(planned(train=4))
    bar.draw()
    assert "0 of 4 jobs, 00:00, time left not known yet" in shown(bar)
    bar.told(starts(1, "Training exp1/ann"))
    now[0] = 60.0
    bar.told(record(LogEvent.JOB_FINISHED, "", job_id=1))
    bar.told(progress(1, 4))
    bar.draw()
    text = shown(bar)
    assert text.startswith(" 25 % |") and "1 of 4 jobs, 01:00, 3 min left" in text
    assert len(text) <= 59
    bar.told(progress(4, 4))
    bar.stream.truncate(0)
    bar.draw()
    assert bar.stream.getvalue() == ""  # nothing is left to do


def test_what_is_written_goes_above_the_bar(drawn):
    bar, _ = drawn
    bar.told(planned(train=4))
    with bar.aside():
        assert shown(bar) == ""
        bar.stream.write("a line\n")
    assert "0 of 4 jobs" in shown(bar)
    bar.close()
    assert shown(bar) == ""
    bar.draw()
    assert shown(bar) == ""


def handler(monkeypatch, stream):
    monkeypatch.setattr(plugin.sys, "stderr", stream)
    monkeypatch.setattr(plugin, "explain_errors", lambda explain: None)
    return plugin.LogHandler(Settings(), None)


def test_the_plugin_draws_on_a_terminal_alone(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(terminal_line.BAR, "")
    plain, terminal = io.StringIO(), Terminal()
    for stream in (plain, terminal):
        made = handler(monkeypatch, stream)
        for one in RUN:
            made.emit(one)
        made.close()
    assert "\x1b" not in plain.getvalue() and "\r" not in plain.getvalue()
    assert "|" not in plain.getvalue() and "[1/3 done]" in plain.getvalue()
    assert "1 of 3 jobs" in terminal.getvalue()
    assert "done]" not in terminal.getvalue()
    assert terminal.getvalue().endswith(terminal_line.CLEAR)
    monkeypatch.setenv("TERM", "dumb")
    assert handler(monkeypatch, Terminal()).bar is None


def test_what_is_said_at_the_end_does_not_stand_in_the_bar(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr(plugin.sys, "stderr", stream)
    monkeypatch.setenv(terminal_line.BAR, "1")
    explaining.say("the way back")
    assert stream.getvalue() == f"{terminal_line.CLEAR}the way back\n"


def test_a_jobs_line_clears_the_bar_of_a_terminal(monkeypatch):
    line = logging.LogRecord("s", logging.INFO, "", 0, "epoch 1", None, None)
    for stream, bar, start in (
        (Terminal(), "1", terminal_line.CLEAR),
        (Terminal(), "", ""),
        (io.StringIO(), "1", ""),
    ):
        monkeypatch.setenv(terminal_line.BAR, bar)
        terminal_line.LineHandler(stream).emit(line)
        assert stream.getvalue() == f"{start}epoch 1\n"


def test_loading_the_plugin_leaves_other_tests_their_modules():
    assert sys.modules["spikewatt.workflow.bar"] is bars
    assert plugin.Bar is Bar
