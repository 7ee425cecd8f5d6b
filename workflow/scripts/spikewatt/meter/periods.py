"""How often a reading really changes.

A driver answers every call, but updates the reading behind it only now and then:
every 20 to 100 ms for board power, depending on the card (arXiv 2312.02741).
"""

import itertools
import statistics
import time

POLL_S = 0.001


def find(read, longest_s=1.5, changes=12):
    """The update period of `read()` in seconds, or None if it hardly changes.

    Polls every millisecond until `changes` changes were seen or `longest_s` is over.
    The median interval is taken, since a value may happen to stay the same twice.
    """
    begin = now = time.monotonic()
    last, moments = read(), []
    if last is None:
        return None
    while now - begin < longest_s and len(moments) <= changes:
        time.sleep(POLL_S)
        value, now = read(), time.monotonic()
        if value != last:
            last = value
            moments.append(now)
    steps = [later - earlier for earlier, later in itertools.pairwise(moments)]
    return statistics.median(steps) if len(steps) >= 3 else None
