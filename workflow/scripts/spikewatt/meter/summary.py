"""One row of numbers from the phases it covers: pure functions on `Interval`s.

Every definition that a column rests on stands in DEFINITIONS and goes into run.json.
"""

import numpy as np

from spikewatt.meter import energy, flags
from spikewatt.meter.interval import total

COUNTER_STEP_J = 0.001
# The resolution of RAPL's counter is read in µJ and moves about every ms.
RAPL_STEP_J, RAPL_PERIOD_S = 61e-6, 0.001
# Where the driver's update period could not be found, the longest published one.
LONGEST_PERIOD_S = 0.1
# The power readings in the order of preference: the driver's explicit instant field
# follows the load within a tenth of a second, the usual one is a mean of the last
# second on most cards from Ampere on.
POWER_COLUMNS = ("gpu_power_instant_w", "gpu_power_w")

DEFINITIONS = {
    "mean_gpu_memory_pct": "time-weighted mean of NVML's used / total · 100 of the "
    "whole device (W&B gpu.N.memoryAllocated)",
    "mean_gpu_power_w": "time-weighted mean of the whole board's power: the driver's "
    "instant field (NVML 186) where it has one, else nvmlDeviceGetPowerUsage / 1000 "
    "(W&B gpu.N.powerWatts), a mean of the last second on most cards from Ampere on",
    "gpu_power_standard_error_w": "s / √n of that reading, where no two of the n lie "
    "closer than its update period and the published window that it averages over",
    "gpu_energy_j": "difference of the board's energy counter at the phase's edges; "
    "where it has none, trapezoids over power samples (instant ones where offered)",
    "gpu_energy_uncertainty_j": "standard uncertainty: of the counter from its update "
    "period and step, of the integral from the standard error of the mean power; the "
    "sensor's gain error (up to about 10 % between cards) is not in it",
    "gpu_energy_above_idle_j": "energy less mean idle power times time",
    "gpu_energy_delay_js": "energy times time",
    "cpu_energy_j": "RAPL package domains, all sockets, everything running on them",
    "cpu_time_s": "CPU seconds of the measured process and its descendants",
    "max_rss_mib": "the kernel's own high-water mark of resident memory (VmHWM) since "
    "the phase began, summed over the measured processes; where it can't be read or "
    "set back, the largest sampled sum",
    "neighbours": "on how many other GPUs of the machine jobs were measured at once",
    "recorder_gpu_power_w": "what the paper's recorder showed: mean of its points "
    "(15 samples, one every 2 s) that fell into the phases; empty where none did",
}


def row(intervals, idle, facts, samples=None, correct=None):
    """The numbers of a row, in order; None for what was not measured.

    intervals: the phases covered; idle: those of the idle baseline, perhaps none.
    facts: {"cores", "power_period_s", "power_windows_s", "energy_period_s", "cpu",
    "dram"}: cores of the machine, update periods in s, the published window of each
    power column, and the counters of the two kinds of RAPL domain; perhaps
    "neighbours", "neighbour_cpu_cores", "on_gpu": measured jobs on other GPUs, what CPU
    they used, and whether a GPU is measured here.
    samples, correct: samples that went through and, of those, right answers.
    """
    seconds = _seconds(intervals)
    numbers = {
        **gpu(intervals, idle, facts),
        **cpu(intervals, idle, facts),
        **host(intervals, seconds),
        "neighbours": facts.get("neighbours"),
        "neighbour_cpu_cores": facts.get("neighbour_cpu_cores"),
        **recorder(intervals),
        **meter(intervals, seconds),
    }
    for device in ("gpu", "cpu"):
        numbers |= derived(
            device, numbers[f"{device}_energy_j"], seconds, samples, correct
        )
    words = flags.raised(
        intervals,
        numbers,
        facts["cores"],
        power_resolution(intervals, facts),
        facts.get("on_gpu", False),
    )
    return {**numbers, "flags": " ".join(words)}


def gpu(intervals, idle, facts):
    """Memory, power and energy of the board."""
    column = power_column(intervals)
    period = power_resolution(intervals, facts) or LONGEST_PERIOD_S
    best, error = gpu_energy(intervals, facts)
    return {
        **distribution(intervals, "gpu_memory_pct"),
        **distribution(intervals, column, "gpu_power_w"),
        "gpu_power_standard_error_w": mean_error(intervals, column, period),
        "gpu_energy_j": best,
        "gpu_energy_uncertainty_j": error,
        "gpu_energy_counter_j": total(intervals, lambda s: s.grown("gpu_energy_j")),
        "gpu_energy_integral_j": total(intervals, integrated),
        **above_idle("gpu", intervals, idle, lambda part: gpu_energy(part, facts)),
        "mean_gpu_utilisation_pct": mean(intervals, "gpu_utilisation_pct"),
        "mean_gpu_sm_clock_mhz": mean(intervals, "gpu_sm_clock_mhz"),
        "max_gpu_temperature_c": highest(intervals, "gpu_temperature_c"),
        "max_gpu_process_memory_mib": highest(intervals, "gpu_process_memory_mib"),
        "gpu_power_capped_pct": flags.power_capped_pct(intervals),
    }


def news_s(device, intervals, facts):
    """Seconds within which the energy of a device is no news; None where it has none.

    device: gpu or cpu. The longest of what its readings take to change.
    """
    if device == "cpu":
        read = total(intervals, lambda part: _sum_of(part, facts["cpu"]))
        return None if read is None else RAPL_PERIOD_S
    if gpu_energy(intervals, facts)[0] is None:
        return None
    known = (power_resolution(intervals, facts), facts["energy_period_s"])
    return max(filter(None, known), default=LONGEST_PERIOD_S)


def gpu_energy(intervals, facts):
    """(J, standard uncertainty in J) of the board: by counter, else by integral."""
    counted = total(intervals, lambda part: part.grown("gpu_energy_j"))
    if counted is not None:
        period = facts["energy_period_s"] or LONGEST_PERIOD_S
        parts = [
            energy.counter_uncertainty(
                interval.grown("gpu_energy_j") / interval.seconds,
                period,
                COUNTER_STEP_J,
            )
            for interval in intervals
        ]
        return counted, energy.combined(*parts)
    period = power_resolution(intervals, facts) or LONGEST_PERIOD_S
    parts = [
        times(
            mean_error([interval], power_column([interval]), period), interval.seconds
        )
        for interval in intervals
    ]
    return total(intervals, integrated), energy.combined(*parts)


def cpu(intervals, idle, facts):
    """Energy of the sockets and their memory."""

    def counted(part):
        best = total(part, lambda interval: _sum_of(interval, facts["cpu"]))
        if best is None:
            return None, None
        step = energy.counter_uncertainty(
            best / sum(interval.seconds for interval in part),
            RAPL_PERIOD_S,
            RAPL_STEP_J,
        )
        return best, energy.combined(*[step] * len(part) * len(facts["cpu"]))

    best, error = counted(intervals)
    return {
        "mean_cpu_power_w": over(best, _seconds(intervals)),
        "cpu_energy_j": best,
        "cpu_energy_uncertainty_j": error,
        **above_idle("cpu", intervals, idle, counted),
        "dram_energy_j": total(intervals, lambda s: _sum_of(s, facts["dram"])),
    }


def above_idle(device, intervals, idle, measured):
    """Energy less that of idling for as long, with its uncertainty."""
    best, error = measured(intervals)
    base, base_error = measured(idle) if idle else (None, None)
    names = [f"{device}_idle_power_w"]
    names += [
        f"{device}_energy_above_idle_j",
        f"{device}_energy_above_idle_uncertainty_j",
    ]
    if best is None or base is None:
        return dict.fromkeys(names)
    idle_s = _seconds(idle)
    scale = _seconds(intervals) / idle_s
    values = [base / idle_s, best - base * scale]
    values.append(energy.combined(error, times(base_error, scale)))
    return dict(zip(names, values, strict=True))


def baseline(idle, facts):
    """What the board drew and held while idle, for run.json; None without idling.

    The measured process has its context and its weights on the device by then. flags:
    «disagree» where counter and power tell two things of idling.
    """
    if not idle:
        return None
    seconds = _seconds(idle)
    counted = total(idle, lambda part: part.grown("gpu_energy_j"))
    disagree = flags.disagree(counted, total(idle, integrated))
    return {
        "flags": "disagree" if disagree else "",
        "mean_gpu_power_w": over(gpu_energy(idle, facts)[0], seconds),
        "mean_gpu_memory_pct": mean(idle, "gpu_memory_pct"),
        "gpu_memory_total_mib": mean(idle, "gpu_memory_total_mib"),
        "measured_time_s": seconds,
    }


def host(intervals, seconds):
    """CPU time, memory and input/output of the process tree; load from others."""
    used = total(intervals, lambda part: part.grown("cpu_time_s"))
    own = total(intervals, lambda part: part.grown("meter_cpu_s"))
    busy = total(intervals, lambda part: part.grown("machine_busy_s"))
    others = None
    if None not in (used, own, busy) and seconds > 0:
        others = max(0.0, (busy - used - own) / seconds)
    return {
        "cpu_time_s": used,
        "max_rss_mib": peak_memory(intervals),
        "mean_cpu_cores": over(used, seconds),
        "other_cpu_cores": others,
        "io_read_mib": total(intervals, lambda part: part.grown("io_read_mib")),
        "io_write_mib": total(intervals, lambda part: part.grown("io_write_mib")),
    }


def recorder(intervals):
    """What the paper's recorder would have shown of the phases."""
    power = _inside(intervals, "recorder_gpu_power_w")
    memory = _inside(intervals, "recorder_gpu_memory_pct")
    return {
        "recorder_gpu_power_w": float(power.mean()) if len(power) else None,
        "recorder_gpu_memory_pct": float(memory.mean()) if len(memory) else None,
        "recorder_points": max(len(power), len(memory)),
    }


def meter(intervals, seconds):
    """How well the phases were sampled, and what that cost."""
    return {
        "measured_time_s": seconds,
        "meter_samples": sum(interval.count for interval in intervals),
        "missed_ticks": int(_inside(intervals, "missed_ticks").sum()),
        "largest_gap_s": max(float(np.diff(s.times()).max()) for s in intervals),
        "meter_cpu_s": total(intervals, lambda part: part.grown("meter_cpu_s")),
    }


def derived(device, joules, seconds, samples, correct):
    """Energy-delay product, joules per sample and per correct answer."""
    return {
        f"{device}_energy_delay_js": times(joules, seconds),
        f"{device}_energy_per_sample_j": over(joules, samples),
        f"{device}_energy_per_correct_j": over(joules, correct),
    }


def distribution(intervals, column, name=None):
    """Mean over time, median, 95th percentile and largest reading of a column.

    name: what the numbers are called, where not after the column.
    """
    name = name or column
    readings = np.concatenate([interval.values(column) for interval in intervals])
    median, high, top = energy.spread(readings)
    return {
        f"mean_{name}": mean(intervals, column),
        f"median_{name}": median,
        f"p95_{name}": high,
        f"max_{name}": top,
    }


def mean(intervals, column):
    """Mean of a reading over time, or None."""
    return over(
        total(intervals, lambda part: part.integral(column)),
        _seconds(intervals),
    )


def mean_error(intervals, column, period):
    """Standard error of `mean`."""
    parts = [
        times(
            energy.standard_error(s.times(), s.values(column), s.begin, s.end, period),
            s.seconds,
        )
        for s in intervals
    ]
    return over(energy.combined(*parts), _seconds(intervals))


def highest(intervals, column):
    """The largest reading, or None."""
    return energy.spread(np.concatenate([s.values(column) for s in intervals]))[2]


def peak_memory(intervals):
    """Largest resident memory of the phases in MiB: the kernel's mark, else sampled."""
    marks = [interval.last.get("peak_rss_mib") for interval in intervals]
    if None in marks:
        return highest(intervals, "rss_mib")
    return max(marks)


def power_column(intervals):
    """The power to use: instant where all phases have it, else the driver's usual."""
    instant, usual = POWER_COLUMNS
    offered = all(np.isfinite(s.values(instant)).any() for s in intervals)
    return instant if offered else usual


def power_resolution(intervals, facts):
    """Seconds below which two power readings are no two, or None if unknown.

    The longer of the update period found here and the published averaging window.
    """
    window = (facts.get("power_windows_s") or {}).get(power_column(intervals))
    known = [value for value in (facts["power_period_s"], window) if value]
    return max(known, default=None)


def integrated(interval):
    """Joules of the board by trapezoids over power samples, or None."""
    return interval.integral(power_column([interval]))


def times(value, factor):
    """value · factor; None where one is missing."""
    return None if value is None or factor is None else value * factor


def over(value, divisor):
    """value / divisor; None where one is missing or the divisor is 0."""
    return None if value is None or not divisor else value / divisor


def _seconds(intervals):
    return sum(interval.seconds for interval in intervals)


def _sum_of(interval, columns):
    parts = [interval.grown(column) for column in columns]
    return None if not parts or any(part is None for part in parts) else sum(parts)


def _inside(intervals, column):
    values = np.concatenate([interval.sampled(column) for interval in intervals])
    return values[np.isfinite(values)]
