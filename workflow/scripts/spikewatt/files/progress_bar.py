"""One look for every progress bar: lively on a terminal, sparse lines elsewhere."""

import sys
import time

from tqdm import tqdm

from spikewatt.files.terminal_line import CLEAR, under_bar

SPARSE_S = 10


def progress_bar(description, total, unit, initial=0):
    """A tqdm bar on stderr; into a file or under another bar a line in ten seconds."""
    look = {"unit": unit, "unit_scale": unit == "B", "unit_divisor": 1024}
    if under_bar() or not sys.stderr.isatty():
        return SparseLines(description, total, initial, look)
    return tqdm(
        desc=description,
        total=total,
        initial=initial,
        mininterval=0.2,
        file=sys.stderr,
        leave=True,
        **look,
    )


class SparseLines:
    """Whole lines as tqdm words them: one in ten seconds, and one at the end.

    look: the unit, as tqdm takes it.
    """

    def __init__(self, description, total, initial, look, clock=time.monotonic):
        self.description, self.total, self.look = description, total, look
        self.initial = self.n = initial
        self.clock, self.stream = clock, sys.stderr
        self.begin = self.told = clock()

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.tell()

    def update(self, n=1):
        self.n += n
        if self.clock() - self.told >= SPARSE_S:
            self.tell()

    def tell(self):
        """Write a line."""
        self.told = self.clock()
        text = tqdm.format_meter(
            self.n,
            self.total,
            self.told - self.begin,
            ncols=80,
            prefix=self.description,
            initial=self.initial,
            **self.look,
        )
        start = CLEAR if under_bar(self.stream) else ""
        self.stream.write(f"{start}{text}\n")
        self.stream.flush()
