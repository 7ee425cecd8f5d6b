"""One look for every progress bar: lively on a terminal, sparse in a log."""

import sys

from tqdm import tqdm


def progress_bar(description, total, unit, initial=0):
    """A tqdm bar on stderr; into a file it writes a line every ten seconds only."""
    return tqdm(
        desc=description,
        total=total,
        unit=unit,
        unit_scale=unit == "B",
        unit_divisor=1024,
        initial=initial,
        mininterval=0.2 if sys.stderr.isatty() else 10,
        file=sys.stderr,
        leave=True,
    )
