"""All NVIDIA boards that a command can see, as one: `--device all` of the tool."""

import time
from dataclasses import replace

from spikewatt.meter.backends import nvml_device
from spikewatt.meter.backends.nvml import SLOW_PERIOD_S, Nvml, library
from spikewatt.meter.backends.nvml_readings import of_all
from spikewatt.meter.errors import NotThere, Unavailable
from spikewatt.meter.target import ALL

# Columns of each board beside those of all of them; the number counts from 0.
POWER, ENERGY = "gpu_{}_power_w", "gpu_{}_energy_j"


class NvmlAll:
    """Several boards, read one after the other; what one lacks, all of them lack."""

    name = Nvml.name
    measures = (
        "all boards that the command can see, together: sums of power, energy, memory "
        "and processes, means of utilisation and clocks, the highest temperature. Each "
        f"board: {Nvml.measures}"
    )
    columns = Nvml.columns

    def __init__(self, target, tree):
        if target.device != ALL:
            raise NotThere("one device is measured")
        nvml = library()
        try:
            uuids, self.doubt = nvml_device.uuids_shown(nvml)
        except nvml.NVMLError as error:
            raise Unavailable(f"NVML finds no usable device: {error}") from None
        one = replace(target, device="cuda")
        self.boards = [Nvml(replace(one, uuid=uuid), tree) for uuid in uuids]
        each = [
            column.format(k)
            for k in range(len(self.boards))
            for column in (POWER, ENERGY)
        ]
        self.columns = (*Nvml.columns, *each)
        self._next = 0.0

    def read_counters(self):
        told = [board.read_counters() for board in self.boards]
        return self._joined(told, ENERGY, ("gpu_energy_j",))

    def read(self, full=False):
        # Slow readings of all boards fall on the same sample: theirs come due later.
        now = time.monotonic()
        slow = full or now >= self._next
        if slow:
            self._next = now + SLOW_PERIOD_S
        told = [board.read(slow) for board in self.boards]
        return self._joined(told, POWER, ("gpu_power_instant_w", "gpu_power_w"))

    def facts(self):
        told = [board.facts() for board in self.boards]
        names = [facts["name"] for facts in told]
        alike = len(set(names)) == 1
        return told[0] | {
            "measures": self.measures,
            "uuid": " ".join(facts["uuid"] for facts in told),
            "name": f"{len(told)} × {names[0]}" if alike else ", ".join(names),
            "mig": any(facts["mig"] for facts in told),
            "power_limit_w": _sum(facts["power_limit_w"] for facts in told),
            "default_power_limit_w": _sum(
                facts["default_power_limit_w"] for facts in told
            ),
            "doubt": self.doubt,
            "refused": {
                column: f"{facts['uuid']}: {why}"
                for facts in told
                for column, why in facts["refused"].items()
            },
            "boards": told,
        }

    def power(self):
        """The first board's power in W: whose period is that of all, as alike."""
        return self.boards[0].power()

    def energy(self):
        """The first board's energy counter in J."""
        return self.boards[0].energy()

    def _joined(self, told, each, columns):
        """Readings of all boards as one, with one of the columns for each board."""
        values = of_all(told)
        for number, readings in enumerate(told):
            known = [readings[name] for name in columns if name in readings]
            values |= {each.format(number): known[0]} if known else {}
        return values


def _sum(values):
    values = list(values)
    return None if None in values else sum(values)
