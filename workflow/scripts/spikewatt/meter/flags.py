"""What makes a measurement less than clean, as words for the rows of the tables."""

import numpy as np

from spikewatt.meter import others

# The words of the column `flags`, with the sentence for a footnote.
FLAGS = {
    "shared": "another process computed on the device",
    "display": "the device drove a display or another graphics process",
    "throttled": "heat, power brake or hardware protection slowed the device",
    "clock": "the device's clock was over 10 % off its median in over 5 % of samples",
    "swap": "the machine swapped memory",
    "loaded": "other processes used over 10 % of the machine's CPU cores",
    "short": "the phase was shorter than ten updates, or averaging windows, of the "
    "power reading",
    "disagree": "energy counter and integrated power differ by over 5 %",
    "counter": "the energy counter went backwards",
    "missed": "over 5 % of the meter's samples are missing",
    "beside": "another measured job was on the device and was not waited for",
    "unmetered": "the meter's process ended early; only counters were read",
}

# What to do about each.
ADVICE = {
    "shared": "find it: gpu_other_pids in telemetry.csv has its number",
    "display": "use a card without a screen",
    "throttled": "cool it, and check its supply",
    "clock": "lock the clocks (nvidia-smi -lgc), or warm up longer",
    "swap": "free memory",
    "loaded": "stop them; `threads: 1` is the steadier measurement on a shared machine",
    "short": "repeat the work, so that a phase lasts longer",
    "disagree": "look at the trace: power may swing faster than the sampling",
    "counter": "repeat; the driver was reloaded, and the integral is used",
    "missed": "the machine is overloaded: leave the meter a core",
    "beside": "repeat it alone, without wait: false",
    "unmetered": "see the log",
}


# Those that another process is likely to be the cause of.
BY_OTHERS = ("loaded", "beside")


def told(word, who=None, most=others.SHOWN):
    """What a flag means and what to do about it, for people.

    who: records of `others.Others.between`, told where the flag is about them; most:
    how many of them.
    """
    said = f"{FLAGS[word]}: {ADVICE[word]}"
    if who is None or word not in BY_OTHERS:
        return said
    return f"{said}; {others.told(who, most)}"


def warnings(words, who=None, **where):
    """What run.json says under `warnings`: {…where, flag, what} for each of the words.

    words: as in the column `flags`, separated by spaces; who: as for `told`.
    """
    return [{**where, "flag": word, "what": told(word, who)} for word in words.split()]


# Hardware slowdown, software thermal, hardware thermal, power brake (nvml.h).
THROTTLED = 0x8 | 0x20 | 0x40 | 0x80
POWER_CAP = 0x4
CLOCK_CHANGE, CLOCK_SHARE = 0.10, 0.05
OTHERS_SHARE, OTHERS_S = 0.10, 0.5
UPDATES = 10
DISAGREEMENT = 0.05
MISSED_SHARE = 0.05


def raised(intervals, row, cores, period, on_gpu=False):
    """The flags of a row over some phases, in the order of FLAGS.

    row: the summary's numbers; cores: of the machine; period: seconds below which two
    power readings are no two, or None; on_gpu: whether a GPU is measured, whose figures
    those that are measured on other GPUs do not disturb.
    """
    holds = {
        "shared": _any(intervals, "gpu_other_processes"),
        "display": _any(intervals, "gpu_other_displays"),
        "throttled": _bits(intervals, THROTTLED) > 0,
        "clock": any(map(_clock_changed, intervals)),
        "swap": _swapped(intervals),
        "loaded": _loaded(row, cores, on_gpu),
        "short": bool(
            period and any(part.seconds < UPDATES * period for part in intervals)
        ),
        "disagree": disagree(row["gpu_energy_counter_j"], row["gpu_energy_integral_j"]),
        "counter": any(map(_counter_reset, intervals)),
        "missed": _missed(row),
    }
    return [word for word in FLAGS if holds.get(word)]


def power_capped_pct(intervals):
    """Share of samples in which the software power cap held the clocks, or None."""
    if not np.isfinite(_all(intervals, "gpu_clock_events")).any():
        return None
    return 100 * _bits(intervals, POWER_CAP)


def _all(intervals, column):
    return np.concatenate([interval.values(column) for interval in intervals])


def _any(intervals, column):
    return bool(np.nansum(_all(intervals, column)) > 0)


def _bits(intervals, mask):
    """Share of the readings of clock events with one of the bits set."""
    events = _all(intervals, "gpu_clock_events")
    events = events[np.isfinite(events)].astype(np.int64)
    return float(np.mean(events & mask > 0)) if len(events) else 0.0


def _clock_changed(interval):
    clock = interval.values("gpu_sm_clock_mhz")
    clock = clock[np.isfinite(clock)]
    if len(clock) < 3:
        return False
    middle = np.median(clock)
    return bool(np.mean(np.abs(clock - middle) > CLOCK_CHANGE * middle) > CLOCK_SHARE)


def _swapped(intervals):
    return any((interval.grown("swapped_mib") or 0) > 0 for interval in intervals)


def _loaded(row, cores, on_gpu):
    others = row["other_cpu_cores"]
    expected = (row["neighbour_cpu_cores"] or 0.0) if on_gpu else 0.0
    return bool(
        others is not None
        and cores
        and row["measured_time_s"] >= OTHERS_S
        and others - expected > OTHERS_SHARE * cores
    )


def disagree(counter, integral):
    """Whether joules by the counter and by integrated power differ too much."""
    if not counter or not integral:
        return False
    return abs(counter - integral) > DISAGREEMENT * max(counter, integral)


def _counter_reset(interval):
    first, last = (edge.get("gpu_energy_j") for edge in (interval.first, interval.last))
    return first is not None and last is not None and last < first


def _missed(row):
    ticks = row["meter_samples"] + row["missed_ticks"]
    return ticks > 0 and row["missed_ticks"] > MISSED_SHARE * ticks
