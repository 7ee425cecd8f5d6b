"""What is read from NVML: one function per call, each returning {column: value}.

Definitions follow the recorder that the paper used (Weights & Biases,
https://docs.wandb.ai/models/ref/python/experiments/system-metrics): memory in % of the
device's memory in use by anybody, power in W of the whole board.
"""

import functools
import operator
import statistics
from collections.abc import Callable
from dataclasses import dataclass

MIB = 2**20
POWER_FIELDS = {"gpu_power_average_w": 185, "gpu_power_instant_w": 186}


@dataclass(frozen=True)
class Reading:
    """One call: its columns, the function (nvml, handle) → {column: value}.

    board: the value belongs to the whole board, so it means nothing under MIG.
    slow: read once a second only, since it changes slowly or costs much.
    counter: it only grows, and is read at phase edges and before everything else.
    """

    columns: tuple[str, ...]
    function: Callable
    board: bool = False
    slow: bool = False
    counter: bool = False


def power(nvml, handle):
    """Board power in W: a 1 s average on Ampere and newer except GA100."""
    return {"gpu_power_w": nvml.nvmlDeviceGetPowerUsage(handle) / 1000}


def power_fields(nvml, handle):
    """Board power in W, average and instant, where the driver tells them apart."""
    readings = {}
    values = nvml.nvmlDeviceGetFieldValues(handle, list(POWER_FIELDS.values()))
    for column, value in zip(POWER_FIELDS, values, strict=True):
        if value.nvmlReturn == nvml.NVML_SUCCESS:
            readings[column] = value.value.uiVal / 1000
    if not readings:
        raise nvml.NVMLError(values[0].nvmlReturn)
    return readings


def energy(nvml, handle):
    """Joules since the driver was loaded (Volta and newer)."""
    return {"gpu_energy_j": nvml.nvmlDeviceGetTotalEnergyConsumption(handle) / 1000}


def memory(nvml, handle):
    """Device memory in use by anybody, as MiB and as % of all (NVML's first form)."""
    info = nvml.nvmlDeviceGetMemoryInfo(handle)
    return {
        "gpu_memory_pct": 100 * info.used / info.total,
        "gpu_memory_used_mib": info.used / MIB,
        "gpu_memory_total_mib": info.total / MIB,
    }


def utilisation(nvml, handle):
    """Share of the last period in which a kernel ran, or memory was accessed, in %."""
    rates = nvml.nvmlDeviceGetUtilizationRates(handle)
    return {
        "gpu_utilisation_pct": rates.gpu,
        "gpu_memory_utilisation_pct": rates.memory,
    }


def sm_clock(nvml, handle):
    """Clock of the streaming multiprocessors in MHz."""
    clock = nvml.nvmlDeviceGetClockInfo(handle, nvml.NVML_CLOCK_SM)
    return {"gpu_sm_clock_mhz": clock}


def memory_clock(nvml, handle):
    """Clock of the device memory in MHz."""
    clock = nvml.nvmlDeviceGetClockInfo(handle, nvml.NVML_CLOCK_MEM)
    return {"gpu_memory_clock_mhz": clock}


def clock_events(nvml, handle):
    """Bits that say what holds the clocks back (NVML's clock event reasons)."""
    try:
        events = nvml.nvmlDeviceGetCurrentClocksEventReasons(handle)
    except nvml.NVMLError_FunctionNotFound:  # a driver older than 535
        events = nvml.nvmlDeviceGetCurrentClocksThrottleReasons(handle)
    return {"gpu_clock_events": events}


def temperature(nvml, handle):
    """Temperature of the chip in °C."""
    celsius = nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU)
    return {"gpu_temperature_c": celsius}


def performance_state(nvml, handle):
    """0 (fastest) to 15."""
    return {"gpu_performance_state": nvml.nvmlDeviceGetPerformanceState(handle)}


def power_limit(nvml, handle):
    """The power limit in force, in W."""
    milliwatts = nvml.nvmlDeviceGetEnforcedPowerLimit(handle)
    return {"gpu_power_limit_w": milliwatts / 1000}


def of_all(told):
    """The readings of several boards, {column: value} each, as those of one.

    What a board lacks is in none: a sum over some boards would pass for all of them's.
    """
    common = set(told[0]).intersection(*told[1:])
    values = {
        column: JOINED.get(column, sum)([readings[column] for readings in told])
        for column in told[0]
        if column in common and None not in [readings[column] for readings in told]
    }
    if "gpu_memory_pct" in values:
        used, whole = values["gpu_memory_used_mib"], values["gpu_memory_total_mib"]
        values["gpu_memory_pct"] = 100 * used / whole
    return values


def _either(bits):
    return functools.reduce(operator.or_, bits)


def _listed(texts):
    """Numbers that stand in any of the texts, in order, once each."""
    return " ".join(sorted({number for text in texts for number in text.split()}))


# How several boards' readings become one; what isn't here is summed.
JOINED = {
    "gpu_utilisation_pct": statistics.fmean,
    "gpu_memory_utilisation_pct": statistics.fmean,
    "gpu_sm_clock_mhz": statistics.fmean,
    "gpu_memory_clock_mhz": statistics.fmean,
    "gpu_clock_events": _either,
    "gpu_temperature_c": max,
    "gpu_performance_state": max,
    "gpu_other_pids": _listed,
}

READINGS = (
    Reading(("gpu_power_w",), power, board=True),
    Reading(tuple(POWER_FIELDS), power_fields, board=True),
    Reading(("gpu_energy_j",), energy, board=True, counter=True),
    Reading(("gpu_memory_pct", "gpu_memory_used_mib", "gpu_memory_total_mib"), memory),
    Reading(("gpu_utilisation_pct", "gpu_memory_utilisation_pct"), utilisation),
    Reading(("gpu_sm_clock_mhz",), sm_clock),
    Reading(("gpu_memory_clock_mhz",), memory_clock, slow=True),
    Reading(("gpu_clock_events",), clock_events),
    Reading(("gpu_temperature_c",), temperature, slow=True),
    Reading(("gpu_performance_state",), performance_state, slow=True),
    Reading(("gpu_power_limit_w",), power_limit, slow=True),
)
