"""Finding the device that a run computes on, and what to record of it."""

import os

from spikewatt.meter.errors import Unavailable

# Averaging window and update period of the power readings in ms, as published by
# Yang, Adamek, Armour, «Part-time power measurements: nvidia-smi's lack of attention»
# (arXiv 2312.02741): (usage window, usage period, instant window, instant period).
# Keys: NVML's architecture numbers; GA100 has its own line.
PUBLISHED = {
    4: ("Pascal", 10, 20, 10, 20),
    5: ("Volta", 10, 20, 10, 20),
    6: ("Turing", 100, 100, 100, 100),
    7: ("Ampere", 1000, 100, 100, 100),
    8: ("Ada", 1000, 100, 100, 100),
    9: ("Hopper", 1000, 100, 25, 100),
}
GA100 = ("Ampere GA100", 25, 100, 25, 100)


def find(nvml, device, uuid):
    """NVML's handle of `device`: by UUID, by CUDA index, or the first.

    Raises Unavailable where there is no such device.
    """
    if uuid:
        return _by_uuid(nvml, uuid)
    index = int(device.partition(":")[2] or 0) if device else 0
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "").strip()
    if device and visible:
        entries = [entry.strip() for entry in visible.split(",")]
        if index >= len(entries):
            raise Unavailable(
                f"{device} is asked for, but CUDA_VISIBLE_DEVICES={visible} has only "
                f"{len(entries)} device(s)"
            )
        if not entries[index].isdigit():
            return _by_uuid(nvml, entries[index])
        index = int(entries[index])
    count = nvml.nvmlDeviceGetCount()
    if index >= count:
        raise Unavailable(f"GPU {index} is asked for, but NVML lists {count}")
    return nvml.nvmlDeviceGetHandleByIndex(index)


def _by_uuid(nvml, uuid):
    """By full UUID, or by its beginning as CUDA_VISIBLE_DEVICES allows."""
    for number in range(nvml.nvmlDeviceGetCount()):
        handle = nvml.nvmlDeviceGetHandleByIndex(number)
        if nvml.nvmlDeviceGetUUID(handle).startswith(uuid):
            return handle
    try:  # a MIG instance is not in that list
        return nvml.nvmlDeviceGetHandleByUUID(uuid)
    except nvml.NVMLError as error:
        raise Unavailable(
            f"NVML knows no device {uuid} ({error}); `nvidia-smi -L` lists them"
        ) from None


def mig_enabled(nvml, handle):
    """Whether the board is cut into MIG instances."""
    try:
        if nvml.nvmlDeviceIsMigDeviceHandle(handle):
            return True
        return nvml.nvmlDeviceGetMigMode(handle)[0] == 1
    except nvml.NVMLError:
        return False


def facts(nvml, handle):
    """UUID, name, driver, limits and published windows of a device."""
    return {
        "uuid": _try(nvml, nvml.nvmlDeviceGetUUID, handle),
        "name": _try(nvml, nvml.nvmlDeviceGetName, handle),
        "driver": _try(nvml, nvml.nvmlSystemGetDriverVersion),
        "vbios": _try(nvml, nvml.nvmlDeviceGetVbiosVersion, handle),
        "power_limit_w": _watts(
            _try(nvml, nvml.nvmlDeviceGetEnforcedPowerLimit, handle)
        ),
        "default_power_limit_w": _watts(
            _try(nvml, nvml.nvmlDeviceGetPowerManagementDefaultLimit, handle)
        ),
        "mig": mig_enabled(nvml, handle),
        "published": published(nvml, handle),
    }


def published(nvml, handle):
    """What is published of the power reading's windows, or None."""
    architecture = _try(nvml, nvml.nvmlDeviceGetArchitecture, handle)
    if architecture not in PUBLISHED:
        return None
    line = PUBLISHED[architecture]
    if _try(nvml, nvml.nvmlDeviceGetCudaComputeCapability, handle) in ((8, 0), [8, 0]):
        line = GA100
    name, window, period, instant_window, instant_period = line
    return {
        "architecture": name,
        "power_window_ms": window,
        "power_period_ms": period,
        "instant_window_ms": instant_window,
        "instant_period_ms": instant_period,
        "instant_covers_pct": min(100.0, 100 * instant_window / instant_period),
        "source": "arXiv 2312.02741",
    }


def _try(nvml, function, *arguments):
    try:
        return function(*arguments)
    except nvml.NVMLError:
        return None


def _watts(milliwatts):
    return None if milliwatts is None else milliwatts / 1000
