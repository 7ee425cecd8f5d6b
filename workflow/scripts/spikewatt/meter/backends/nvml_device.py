"""Finding the device that a run computes on, and what to record of it."""

import os

from spikewatt.meter.backends import visible
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
    """NVML's handle of `device`, and why it may be another's (None: it is the one).

    By UUID, else as CUDA counts the devices that it shows: `device` is «cuda:<index>»,
    None for the first. Raises Unavailable where there is no such device.
    """
    if uuid:
        return _by_uuid(nvml, uuid), None
    index = int(device.partition(":")[2] or 0) if device else 0
    count = nvml.nvmlDeviceGetCount()
    shown = visible.entries()
    entry = str(index) if shown is None else _shown(shown, index)
    return _named(nvml, entry, count), visible.in_doubt(entry, count)


def uuids_shown(nvml):
    """(UUIDs of all devices that CUDA shows, why they may be others or None).

    Raises Unavailable where it shows none.
    """
    shown, count = visible.entries(), nvml.nvmlDeviceGetCount()
    entries = map(str, range(count)) if shown is None else shown
    if shown == []:
        _shown(shown, 0)
    handles = []
    for entry in entries:
        try:
            handles.append(_named(nvml, entry, count))
        except Unavailable:
            if not handles:
                raise
            break  # CUDA shows what stands before the first that names none
    uuids = list(dict.fromkeys(map(nvml.nvmlDeviceGetUUID, handles)))
    if not uuids:
        raise Unavailable("NVML lists no device")
    some = shown is not None and len(uuids) < count
    doubts = [visible.in_doubt(entry, count) for entry in shown or ()]
    return uuids, next(filter(None, doubts), None) if some else None


def _named(nvml, entry, count):
    """NVML's handle of an entry of CUDA_VISIBLE_DEVICES. Raises Unavailable."""
    if not entry.isdigit():
        return _by_uuid(nvml, entry)
    if int(entry) >= count:
        raise Unavailable(f"GPU {entry} is asked for, but NVML lists {count}")
    return nvml.nvmlDeviceGetHandleByIndex(int(entry))


def _shown(shown, index):
    """The entry of CUDA_VISIBLE_DEVICES that is cuda:<index>. Raises Unavailable."""
    value = os.environ[visible.VARIABLE]
    if not shown:
        raise Unavailable(
            f"{visible.VARIABLE}={value} shows no GPU to the command: none is measured"
        )
    if index >= len(shown):
        raise Unavailable(
            f"cuda:{index} is asked for, but {visible.VARIABLE}={value} has only "
            f"{len(shown)} device(s)"
        )
    return shown[index]


def _by_uuid(nvml, uuid):
    """By full UUID, or by its beginning where CUDA takes it: where it fits one only."""
    handles = [
        nvml.nvmlDeviceGetHandleByIndex(number)
        for number in range(nvml.nvmlDeviceGetCount())
    ]
    fitting = [h for h in handles if nvml.nvmlDeviceGetUUID(h).startswith(uuid)]
    if len(fitting) > 1:
        raise Unavailable(
            f"{len(fitting)} devices begin with {uuid}; `nvidia-smi -L` lists them"
        )
    if fitting:
        return fitting[0]
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
