"""How often a reading really changes.

A driver answers every call, but renews the value behind it only now and then: every 20
to 100 ms for board power, depending on the card (arXiv 2312.02741).
"""

import itertools
import statistics
import time

POLL_S = 0.001
CHANGES = 12


def find(readings, longest_s=1.5):
    """{name: update period in s} of `readings`, {name: function to call}.

    All are polled every millisecond until each has changed `CHANGES` times or
    `longest_s` is over. The median interval is taken, since a renewed value may happen
    to be the old one. None for a reading that is missing or hardly changes.
    """
    last = {name: read() for name, read in readings.items()}
    moments = {name: [] for name, value in last.items() if value is not None}
    begin = now = time.monotonic()
    while now - begin < longest_s and any(map(_lacking, moments.values())):
        time.sleep(POLL_S)
        for name, seen in moments.items():
            value, now = readings[name](), time.monotonic()
            if value != last[name]:
                last[name] = value
                seen.append(now)
    return {name: _median_step(moments.get(name, [])) for name in readings}


def _lacking(moments):
    return len(moments) <= CHANGES


def _median_step(moments):
    steps = [later - earlier for earlier, later in itertools.pairwise(moments)]
    return statistics.median(steps) if len(steps) >= 3 else None
