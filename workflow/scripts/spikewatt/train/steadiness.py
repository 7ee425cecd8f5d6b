"""Signs that a measurement was not steady: flags of epochs, from their numbers alone.

They leave no epoch out of a mean: that would be choosing results by what they are.
"""

import math
from statistics import median

from spikewatt.meter import others
from spikewatt.results.runs import NETWORK_ADVICE, NETWORK_FLAGS

# Epochs that differ by more than this are uneven; those are marked that lie farther
# from the median than its root, so that at least one is.
FACTOR = 3.0
# CPU time over wall time times threads that is no surprise.
LEAST_SHARE, MOST_SHARE = 0.5, 1.5
LEAST_S = 0.5  # shorter epochs are not judged


def uneven(times):
    """Indices of the epochs that make a run's times (s) differ too much."""
    if not times or max(times) < LEAST_S or max(times) <= FACTOR * min(times):
        return []
    middle = median(times)
    return [
        index
        for index, seconds in enumerate(times)
        if max(seconds, middle) > math.sqrt(FACTOR) * min(seconds, middle)
    ]


def far_from_threads(cpu_s, wall_s, threads, load_s=0.0):
    """Whether CPU seconds say something else than `threads` busy for `wall_s`.

    load_s: of it, waiting for samples, which one thread loads: no sign of too few.
    """
    if cpu_s is None or not threads or wall_s - load_s < LEAST_S:
        return False
    busy = cpu_s - load_s >= LEAST_SHARE * (wall_s - load_s) * threads
    return not (busy and cpu_s <= MOST_SHARE * wall_s * threads)


def flagged(rows, threads, cold=False):
    """Word → numbers of the epochs that get it, from a run's rows of epochs.csv.

    threads: that computed, or None where the CPU's do not decide (a GPU); cold: whether
    the first epoch has what comes once in it, so that it may well be longer.
    """
    times = [row["train_time_s"] + row["val_time_s"] for row in rows]
    first = 1 if cold else 0
    found = {
        "uneven": [rows[first + index]["epoch"] for index in uneven(times[first:])],
        "cores": [
            row["epoch"]
            for row, wall in zip(rows, times, strict=True)
            if far_from_threads(row.get("cpu_time_s"), wall, threads, _load(row))
        ],
    }
    return {word: epochs for word, epochs in found.items() if epochs}


def _load(row):
    """Seconds of an epoch in which the loop waited for samples; 0 if none are told."""
    columns = "train_load_time_s", "val_load_time_s"
    return sum(row.get(name) or 0.0 for name in columns)


def mark(rows, threads, who=(), cold=False):
    """Add the flags to the rows in place; returns the warnings for run.json.

    who: what the meter saw of other processes, `others.Others.between`'s records with
    their «epoch»; other arguments as of `flagged`.
    """
    found = flagged(rows, threads, cold)
    for word, epochs in found.items():
        for row in rows:
            words = row["flags"].split()
            if row["epoch"] in epochs and word not in words:
                row["flags"] = " ".join([*words, word])
    return [
        {"epoch": epoch, "flag": word, "what": told(word, of_epoch(who, epoch))}
        for word, epochs in found.items()
        for epoch in epochs
    ]


def of_epoch(who, epoch):
    """The records of one epoch."""
    return [record for record in who if record["epoch"] == epoch]


def told(word, who, most=others.SHOWN):
    """What a flag of training means, what to do about it, and who else computed."""
    return f"{NETWORK_FLAGS[word]}: {NETWORK_ADVICE[word]}; {others.told(who, most)}"
