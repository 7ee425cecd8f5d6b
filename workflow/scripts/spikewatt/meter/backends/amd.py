"""AMD GPUs through amdsmi, which comes with ROCm. Not tried on hardware.

Its known faults are checked at the start: an energy accumulator that stands still
(MI100), power under another name on each board (MI210, MI300X), the two dies of an
MI250, of which the first answers for both and the second with 0.
"""

import contextlib
import importlib.util
import math
import os
import time
from pathlib import Path

from spikewatt.meter.backends import visible
from spikewatt.meter.errors import NotThere, Unavailable
from spikewatt.meter.target import ALL

DRIVER_VARIABLE, DRIVER = "SPIKEWATT_KFD", "/dev/kfd"
VISIBLE = ("HIP_VISIBLE_DEVICES", visible.VARIABLE)
# Which of them a board fills differs: MI300X the first, MI210 the second.
POWERS = ("current_socket_power", "average_socket_power", "socket_power")
# The accumulator against power over this long; Zeus takes ratios in these limits.
CHECK_S, LEAST_RATIO, MOST_RATIO = 0.5, 0.1, 10.0
SLOW_PERIOD_S = 1.0
MIB = 2**20


class Amd:
    """One AMD GPU; a reading that the driver refuses is left empty."""

    name = "amd"
    measures = (
        "the socket of one AMD GPU, as its driver reports it: power and energy of chip "
        "and memory; memory in use by anybody; who else is on it. Not tried on hardware"
    )
    columns = (
        *("gpu_power_w", "gpu_energy_j"),
        *("gpu_memory_pct", "gpu_memory_used_mib", "gpu_memory_total_mib"),
        *("gpu_utilisation_pct", "gpu_process_memory_mib"),
        *("gpu_other_processes", "gpu_other_pids"),
    )

    def __init__(self, target, tree):
        if target.device and not target.device.startswith("cuda"):
            if target.device != ALL:
                raise NotThere(f"the run computes on the {target.device.upper()}")
            library()
            raise Unavailable("AMD GPUs are measured one at a time: --device cuda:<n>")
        self.smi, self.tree = library(), tree
        self.handle, number, doubt = self._found(target)
        self.refused, self._next = {}, 0.0
        self.device = {
            "uuid": self._uuid(self.handle),
            "name": self._name(),
            "doubt": doubt,
        }
        self._check_dies(number)
        self._check_counter()

    def read_counters(self):
        joules = None if "gpu_energy_j" in self.refused else self.energy()
        return {} if joules is None else {"gpu_energy_j": joules}

    def read(self, full=False):
        values = {"gpu_power_w": self.power()}
        values |= self._asked(_memory) | self._asked(_utilisation)
        now = time.monotonic()
        if full or now >= self._next:
            self._next = now + SLOW_PERIOD_S
            self.tree.refresh()
            values |= self._asked(_processes, self.tree.pids())
        there = values.items()
        return {k: v for k, v in there if v is not None and k not in self.refused}

    def facts(self):
        return {"measures": self.measures, **self.device, "refused": self.refused}

    def power(self):
        """Power of the socket in W, or None."""
        told = self._answer(self.smi.amdsmi_get_power_info, self.handle) or {}
        known = [told.get(name) for name in POWERS]
        return next((float(watts) for watts in known if _positive(watts)), None)

    def energy(self):
        """The energy accumulator in J, or None."""
        told = self._answer(self.smi.amdsmi_get_energy_count, self.handle)
        if not told:
            return None
        # «power» before ROCm 6.2.1; the resolution is in µJ
        counted = told.get("energy_accumulator", told.get("power"))
        return None if counted is None else counted * told["counter_resolution"] / 1e6

    def _found(self, target):
        """(handle, its number in HIP's order, why it may be another's)."""
        handles = self._answer(self.smi.amdsmi_get_processor_handles) or []
        if not handles:
            raise Unavailable("amdsmi lists no GPU; does `amd-smi list` show one?")
        told = [self._enumerated(handle) for handle in handles]
        for number, (handle, one) in enumerate(zip(handles, told, strict=True)):
            names = {one.get("hip_uuid"), self._uuid(handle)} - {None}
            if target.uuid and target.uuid in names:
                return handle, one.get("hip_id", number), None
        index = int((target.device or "").partition(":")[2] or 0)
        wanted = _entry(index)
        for number, (handle, one) in enumerate(zip(handles, told, strict=True)):
            if one.get("hip_id", number) == wanted:
                doubt = None if len(handles) == 1 or "hip_id" in one else ORDER
                return handle, wanted, doubt
        raise Unavailable(f"GPU {wanted} is asked for, but amdsmi lists {len(handles)}")

    def _check_dies(self, number):
        """Of the two dies of an MI250 the even one answers for both."""
        if "MI250" not in (self.device["name"] or ""):
            return
        if number % 2:
            why = "an MI250's odd die: power and energy are read at the even one"
            self.refused |= dict.fromkeys(("gpu_power_w", "gpu_energy_j"), why)
        else:
            self.device["doubt"] = (
                "an MI250's even die: power and energy are those of both dies"
            )

    def _check_counter(self):
        """Leave the accumulator out where it does not go with power."""
        if "gpu_energy_j" in self.refused:
            return
        begin, first = time.monotonic(), self.energy()
        if first is None:
            self.refused["gpu_energy_j"] = "the driver has no energy accumulator"
            return
        time.sleep(CHECK_S)
        seconds, last = time.monotonic() - begin, self.energy()
        watts, counted = self.power(), ((last or 0.0) - first) / seconds
        if not watts:
            return
        if not LEAST_RATIO < counted / watts < MOST_RATIO:
            self.refused["gpu_energy_j"] = (
                f"the energy accumulator grew by {counted:.1f} W while the GPU drew "
                f"{watts:.1f} W: it is left out, and power is integrated (of an MI100 "
                "that sticks, a reboot helped)"
            )

    def _name(self):
        told = self._answer(self.smi.amdsmi_get_gpu_asic_info, self.handle) or {}
        return told.get("market_name")

    def _uuid(self, handle):
        return self._answer(self.smi.amdsmi_get_gpu_device_uuid, handle)

    def _enumerated(self, handle):
        """HIP's number and name of a device, where this amdsmi tells them."""
        asked = getattr(self.smi, "amdsmi_get_gpu_enumeration_info", None)
        told = (asked and self._answer(asked, handle)) or {}
        return {key: value for key, value in told.items() if value != "N/A"}

    def _asked(self, reading, *more):
        with contextlib.suppress(self.smi.AmdSmiException):
            return reading(self.smi, self.handle, *more)
        return {}

    def _answer(self, function, *handle):
        """What a call says, or None where it is refused."""
        with contextlib.suppress(self.smi.AmdSmiException):
            return function(*handle)
        return None


ORDER = (
    "taken to be the same number in amdsmi's order, as this amdsmi does not tell "
    "HIP's; name one device alone in HIP_VISIBLE_DEVICES of a machine with several"
)


def library():
    """amdsmi, ready for use. Raises NotThere without an AMD driver, or Unavailable."""
    if not Path(os.environ.get(DRIVER_VARIABLE, DRIVER)).exists():
        raise NotThere("no AMD driver")
    if importlib.util.find_spec("amdsmi") is None:
        raise Unavailable(
            "the Python package amdsmi is missing; install the one of your ROCm: "
            "`pip install /opt/rocm/share/amd_smi`"
        )
    try:
        import amdsmi
    except (ImportError, OSError, AttributeError, KeyError) as error:
        raise Unavailable(
            "amdsmi does not fit the installed ROCm "
            f"({type(error).__name__}: {error}); install the one that came with it: "
            "`pip install /opt/rocm/share/amd_smi`"
        ) from None
    try:
        amdsmi.amdsmi_init()
    except amdsmi.AmdSmiException as error:
        raise Unavailable(f"amdsmi does not answer: {error}") from None
    return amdsmi


def _entry(index):
    """HIP's number of what the run calls cuda:<index>. Raises Unavailable."""
    for name in VISIBLE:
        value = os.environ.get(name)
        if value is None:
            continue
        shown = value.split(",")
        entry = shown[index].strip() if index < len(shown) else ""
        if not entry.isdigit():
            raise Unavailable(
                f"{name}={value} does not say by its number what cuda:{index} is"
            )
        return int(entry)
    return index


def _memory(smi, handle):
    told = smi.amdsmi_get_gpu_vram_usage(handle)  # in MiB
    used, whole = told["vram_used"], told["vram_total"]
    return {
        "gpu_memory_pct": 100 * used / whole if whole else None,
        "gpu_memory_used_mib": float(used),
        "gpu_memory_total_mib": float(whole),
    }


def _utilisation(smi, handle):
    busy = smi.amdsmi_get_gpu_activity(handle)["gfx_activity"]
    return {"gpu_utilisation_pct": busy if isinstance(busy, int | float) else None}


def _processes(smi, handle, own):
    listed = {one["pid"]: one for one in smi.amdsmi_get_gpu_process_list(handle)}
    others = sorted(listed.keys() - own)
    bytes_ = [listed[pid]["memory_usage"]["vram_mem"] for pid in listed.keys() & own]
    return {
        "gpu_process_memory_mib": sum(bytes_) / MIB if bytes_ else None,
        "gpu_other_processes": len(others),
        "gpu_other_pids": " ".join(map(str, others)),
    }


def _positive(value):
    return isinstance(value, int | float) and not math.isnan(value) and value > 0
