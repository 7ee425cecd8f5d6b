"""NVIDIA Jetson: power of its rails by the INA3221 sensors. Not tried on hardware.

Its NVML has no power. The kernel's driver gives volts and amperes of each rail
(https://docs.kernel.org/hwmon/ina3221.html): mV times mA are µW.
"""

import os
from pathlib import Path

from spikewatt.meter.errors import NotThere, Unavailable
from spikewatt.meter.target import ALL

ROOT_VARIABLE = "SPIKEWATT_INA3221"
ROOT = "/sys/bus/i2c/drivers/ina3221"
# Names of the rail into the board, of Orin, Xavier and before.
INPUTS = ("VDD_IN", "VIN_SYS_5V0", "POM_5V_IN", "VIN")


class Jetson:
    """The rail that feeds the GPU, with what else it feeds, and the board's input.

    There is no counter of energy: power is integrated.
    """

    name = "jetson"
    columns = ("gpu_power_w", "board_input_power_w")

    def __init__(self, target, tree):
        root = Path(os.environ.get(ROOT_VARIABLE, ROOT))
        rails = found(root)
        if not rails:
            raise NotThere("no INA3221 sensor")
        if target.device and not target.device.startswith(("cuda", ALL)):
            raise NotThere(f"the run computes on the {target.device.upper()}")
        gpu = [label for label in rails if "GPU" in label]
        if not gpu:
            raise Unavailable(f"{root} names no rail of a GPU: {', '.join(rails)}")
        self.rails, self.gpu = rails, gpu[0]
        self.input = next((label for label in INPUTS if label in rails), None)
        self.measures = (
            f"power of the rail {self.gpu}, with everything that it feeds, and of the "
            f"board's input ({self.input or 'none found'}). Not tried on hardware"
        )
        if self.power() is None:
            raise Unavailable(f"{rails[self.gpu][0]} cannot be read; try as root")

    def read_counters(self):
        return {}

    def read(self, full=False):
        values = {"gpu_power_w": self.power()}
        if self.input:
            values["board_input_power_w"] = watts(*self.rails[self.input])
        return {name: value for name, value in values.items() if value is not None}

    def facts(self):
        return {
            "measures": self.measures,
            "name": model(),
            "uuid": f"jetson-{self.gpu}",
            "doubt": None,
            "rails": {label: str(paths[0]) for label, paths in self.rails.items()},
            "refused": {"gpu_energy_j": "there is no counter: power is integrated"},
        }

    def power(self):
        """Power of the GPU's rail in W, or None."""
        return watts(*self.rails[self.gpu])

    def energy(self):
        return None


def found(root):
    """{label: (file of mV, file of mA)} of all rails, in the order of their names."""
    rails = {}
    for path in sorted(root.glob("*/hwmon/hwmon*/in*_label")):
        number = path.name.removeprefix("in").removesuffix("_label")
        volts, amperes = (path.with_name(f"{k}{number}_input") for k in ("in", "curr"))
        if volts.exists() and amperes.exists():
            rails[path.read_text(encoding="utf-8").strip()] = (volts, amperes)
    return rails


def watts(volts, amperes):
    """Power from a file of mV and one of mA; None where one cannot be read."""
    try:
        return int(volts.read_text()) * int(amperes.read_text()) / 1e6
    except (OSError, ValueError):
        return None


def model():
    """What the board calls itself, or None."""
    try:
        text = Path("/proc/device-tree/model").read_text(encoding="utf-8")
    except OSError:
        return None
    return text.strip("\0 \n") or None
