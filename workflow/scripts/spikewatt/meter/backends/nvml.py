"""NVML: power, energy, memory and state of an NVIDIA board."""

import time

from spikewatt.meter.backends import nvml_device
from spikewatt.meter.backends.nvml_processes import COLUMNS as PROCESS_COLUMNS
from spikewatt.meter.backends.nvml_processes import processes
from spikewatt.meter.backends.nvml_readings import READINGS
from spikewatt.meter.errors import DeviceLost, NotThere, Unavailable
from spikewatt.meter.target import ALL

SLOW_PERIOD_S = 1.0
# Answers that will not change during a run, and those of a vanished device.
FOR_GOOD = {
    "NOT_SUPPORTED",
    "NO_PERMISSION",
    "FUNCTION_NOT_FOUND",
    "INVALID_ARGUMENT",
    "ARGUMENT_VERSION_MISMATCH",
    "DEPRECATED",
}
LOST = {"GPU_IS_LOST", "RESET_REQUIRED", "UNINITIALIZED", "GPU_NOT_FOUND"}
# Superchips whose counter is that of the module, as users of Zeus found (zeus#172).
MODULES = ("GH200",)
OF_MODULE = (
    "the counter is that of the whole module, CPU and its memory too: power of the GPU "
    "is integrated"
)
UNDER_MIG = "MIG is on: the reading is the whole board's, not that of one instance"


class Nvml:
    """One NVIDIA device; a reading that the driver refuses is named and left empty."""

    name = "nvml"
    measures = (
        "the whole board, as its driver reports it: power and energy of chip, memory "
        "and regulators; memory in use by anybody; utilisation, clocks, temperature "
        "and who else is on it"
    )
    columns = (
        *(column for reading in READINGS for column in reading.columns),
        *PROCESS_COLUMNS,
    )

    def __init__(self, target, tree):
        if target.device == ALL:
            raise NotThere("all devices are measured: see NvmlAll")
        if target.device and not target.device.startswith("cuda"):
            raise Unavailable(
                f"the run computes on the {target.device.upper()}: no GPU is measured"
            )
        self.nvml, self.tree = library(), tree
        self.lost = {getattr(self.nvml, f"NVML_ERROR_{name}") for name in LOST}
        self.for_good = {getattr(self.nvml, f"NVML_ERROR_{name}") for name in FOR_GOOD}
        try:
            found = nvml_device.find(self.nvml, target.device, target.uuid)
            self.handle, doubt = found
            self.device = nvml_device.facts(self.nvml, self.handle) | {"doubt": doubt}
        except self.nvml.NVMLError as error:
            raise Unavailable(f"NVML finds no usable device: {error}") from None
        self.refused, self._next = {}, 0.0
        if self.device["mig"]:
            for reading in READINGS:
                if reading.board:
                    self.refused |= dict.fromkeys(reading.columns, UNDER_MIG)
        if any(name in (self.device["name"] or "") for name in MODULES):
            self.refused["gpu_energy_j"] = OF_MODULE
        self.read_counters()
        self.read(full=True)

    def read_counters(self):
        return self._read(self._named("gpu_energy_j"))

    def read(self, full=False):
        now = time.monotonic()
        slow = full or now >= self._next
        values = {}
        for reading in READINGS:
            if not reading.counter and (slow or not reading.slow):
                values |= self._read(reading)
        if slow:
            self._next = now + SLOW_PERIOD_S
            values |= self._call(PROCESS_COLUMNS, self._processes)
        return values

    def facts(self):
        return {"measures": self.measures, **self.device, "refused": self.refused}

    def power(self):
        """The fastest power reading of the board in W, or None."""
        values = self._read(self._named("gpu_power_instant_w"))
        if values.get("gpu_power_instant_w") is None:
            values = self._read(self._named("gpu_power_w"))
            return values.get("gpu_power_w")
        return values["gpu_power_instant_w"]

    def energy(self):
        """The energy counter in J, or None."""
        return self.read_counters().get("gpu_energy_j")

    def _named(self, column):
        return next(reading for reading in READINGS if column in reading.columns)

    def _processes(self, nvml, handle):
        self.tree.refresh()
        return processes(nvml, handle, self.tree.pids())

    def _read(self, reading):
        return self._call(reading.columns, reading.function)

    def _call(self, columns, function):
        if all(column in self.refused for column in columns):
            return {}
        try:
            return function(self.nvml, self.handle)
        except self.nvml.NVMLError as error:
            if error.value in self.lost:
                name = self.device.get("uuid") or "the GPU"
                raise DeviceLost(
                    f"{name} vanished during the run: NVML says «{error}». "
                    "`dmesg | grep -i xid` may say why; a reboot usually brings it back"
                ) from None
            if error.value in self.for_good:
                self.refused |= dict.fromkeys(columns, str(error))
            return {}


def library():
    """The NVML bindings, ready for use. Raises Unavailable."""
    try:
        import pynvml  # only where a GPU may be measured
    except ImportError:
        raise Unavailable(
            "the Python package nvidia-ml-py is missing; `pip install nvidia-ml-py`"
        ) from None
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError_LibraryNotFound:
        raise Unavailable(
            "no NVIDIA driver: libnvidia-ml.so.1 was not found; install the driver, or "
            "start the container with `--gpus all`"
        ) from None
    except pynvml.NVMLError as error:
        raise Unavailable(
            f"the NVIDIA driver does not answer: {error}; does `nvidia-smi` work?"
        ) from None
    return pynvml
