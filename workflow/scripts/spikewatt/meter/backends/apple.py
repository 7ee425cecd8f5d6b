"""Apple's chips through zeus-apple-silicon, on macOS. Not tried on hardware.

Counters of energy, in mJ, of the parts of the chip; a part that a chip does not tell is
None there and left empty here. There is no reading of power and none of memory.
"""

import importlib.util
import platform
import sys

from spikewatt.meter.errors import NotThere, Unavailable

# Our column → the library's; the GPU's cache is on the GPU's side of the chip.
PARTS = {
    "gpu_energy_j": ("gpu_mj", "gpu_sram_mj"),
    "apple_cpu_j": ("cpu_total_mj",),
    "apple_dram_j": ("dram_mj",),
}


class Apple:
    """Energy of GPU, CPU and memory of an Apple chip, everything running on them."""

    name = "apple"
    measures = (
        "the chip's own counters (IOReport): energy of the GPU with its cache, of the "
        "CPU and of the memory, everything that runs on them. Not tried on hardware"
    )
    columns = tuple(PARTS)

    def __init__(self, target, tree):
        if sys.platform != "darwin":
            raise NotThere("no macOS")
        if importlib.util.find_spec("zeus_apple_silicon") is None:
            raise Unavailable(
                "the Python package zeus-apple-silicon is missing; `pip install "
                "zeus-apple-silicon` (it needs Xcode's command line tools)"
            )
        try:
            from zeus_apple_silicon import AppleEnergyMonitor

            self.monitor = AppleEnergyMonitor()
        except (ImportError, RuntimeError) as error:
            raise Unavailable(f"zeus-apple-silicon does not work: {error}") from None
        on_cpu = target.device == "cpu"
        self.parts = {k: v for k, v in PARTS.items() if not (on_cpu and "gpu" in k)}
        values = self.read_counters()
        self.refused = {
            column: "the chip does not tell it"
            for column in self.parts
            if column not in values
        }

    def read_counters(self):
        told = self.monitor.get_cumulative_energy()
        values = {
            column: _joules([getattr(told, name, None) for name in names])
            for column, names in self.parts.items()
        }
        return {column: value for column, value in values.items() if value is not None}

    def read(self, full=False):
        return {}

    def facts(self):
        return {
            "measures": self.measures,
            "name": platform.processor() or platform.machine(),
            "uuid": None,
            "doubt": None,
            "refused": self.refused,
        }

    def power(self):
        return None

    def energy(self):
        """The GPU's counter in J, or None."""
        return self.read_counters().get("gpu_energy_j")


def _joules(parts):
    """The sum in J of parts in mJ, the first of which must be known."""
    if parts[0] is None:
        return None
    return sum(part for part in parts if part is not None) / 1000
