"""Progress bars: lively on a terminal, whole lines elsewhere and under another bar."""

import io

import pytest

from spikewatt.files import progress_bar as bars
from spikewatt.files import terminal_line


class Terminal(io.StringIO):
    def isatty(self):
        return True


def written(monkeypatch, stream, bar):
    """What a bar writes that is told of three of three bytes."""
    monkeypatch.setattr(bars.sys, "stderr", stream)
    monkeypatch.setenv(terminal_line.BAR, bar)
    with bars.progress_bar("train.zip", 3, "B") as shown:
        shown.update(3)
    return stream.getvalue()


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_elsewhere_and_under_another_bar_lines_are_whole(monkeypatch, stream):
    text = written(monkeypatch, stream(), "1")
    start = terminal_line.CLEAR if stream is Terminal else ""
    *lines, end = text.split("\n")
    assert end == "" and lines
    assert all(line.startswith(f"{start}train.zip:") for line in lines)
    assert "\r" not in text.replace(terminal_line.CLEAR, "")
    assert "3.00/3.00" in lines[-1]


def test_lines_are_sparse(monkeypatch):
    now, stream = [0.0], io.StringIO()
    monkeypatch.setattr(bars.sys, "stderr", stream)
    with bars.SparseLines(
        "x", 100, 0, {"unit": "digits"}, clock=lambda: now[0]
    ) as lines:
        for _ in range(100):
            now[0] += 0.25  # 25 s in all: a line after 10 s, after 20 s and at the end
            lines.update()
    shares = [line.split("%")[0].split()[-1] for line in stream.getvalue().splitlines()]
    assert shares == ["40", "80", "100"]


def test_a_bar_of_its_own_is_drawn_over_itself(monkeypatch):
    assert "\rtrain.zip:" in written(monkeypatch, Terminal(), "")
