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


def far_from_threads(cpu_s, wall_s, threads):
    """Whether CPU seconds say something else than `threads` busy for `wall_s`."""
    if cpu_s is None or not threads or wall_s < LEAST_S:
        return False
    return not LEAST_SHARE <= cpu_s / (wall_s * threads) <= MOST_SHARE


def flagged(rows, threads):
    """Word → numbers of the epochs that get it, from a run's rows of epochs.csv.

    threads: that computed, or None where the CPU's do not decide (a GPU).
    """
    times = [row["train_time_s"] + row["val_time_s"] for row in rows]
    found = {
        "uneven": [rows[index]["epoch"] for index in uneven(times)],
        "cores": [
            row["epoch"]
            for row, wall in zip(rows, times, strict=True)
            if far_from_threads(row.get("cpu_time_s"), wall, threads)
        ],
    }
    return {word: epochs for word, epochs in found.items() if epochs}


def mark(rows, threads, who=()):
    """Add the flags to the rows in place; returns the warnings for run.json.

    who: what the meter saw of other processes, `others.Others.between`'s records with
    their «epoch».
    """
    found = flagged(rows, threads)
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
