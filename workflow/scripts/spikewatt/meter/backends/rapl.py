"""RAPL: energy counters of the CPU socket, through Linux's powercap tree.

Intel and AMD processors count the energy of package, cores and, on servers, memory.
https://docs.kernel.org/power/powercap/powercap.html
"""

import os
import re
from pathlib import Path

from spikewatt.meter.errors import Unavailable

ROOT_VARIABLE = "SPIKEWATT_POWERCAP"
ROOT = "/sys/class/powercap"
WHAT_TO_DO = (
    "since Linux 5.10 only root reads it; allow it until the next boot with "
    "`sudo chmod -R a+r {root}/intel-rapl*/`, or for good with a udev rule "
    "(docs/METER.md)"
)


class Rapl:
    """Joules since the meter's start, per domain; a wrapped counter is unwrapped.

    A counter wraps after minutes to an hour; it is unwrapped as long as it is read at
    least once in that time.
    """

    name = "rapl"
    measures = (
        "the CPU socket with everything that runs on it, other processes too: package "
        "(cores, caches, integrated graphics) and, where offered, its memory"
    )
    columns = ("rapl_package_0_j", "rapl_dram_0_j")

    def __init__(self, target, tree):
        root = Path(os.environ.get(ROOT_VARIABLE, ROOT))
        self.domains, self.refused = _domains(root)
        if not self.domains:
            raise Unavailable(_reason(root, self.refused))
        self.columns = tuple(self.domains)
        self._last = {}
        self._joules = dict.fromkeys(self.domains, 0.0)
        self.read_counters()

    def read_counters(self):
        return {column: self._read(column) for column in self.domains}

    def read(self, full=False):
        return {}

    def facts(self):
        return {
            "measures": self.measures,
            "domains": {
                column: {"path": str(path), "wraps_at_j": wrap}
                for column, (path, wrap) in self.domains.items()
            },
            "refused": self.refused,
        }

    def _read(self, column):
        path, wrap = self.domains[column]
        try:
            now = int(path.read_text()) / 1e6
        except (OSError, ValueError):
            return None
        grown = now - self._last.get(column, now)
        self._joules[column] += grown if grown >= 0 else grown + wrap
        self._last[column] = now
        return self._joules[column]


def _domains(root):
    """{column: (path of the counter, joules at which it wraps)}, {path: error}."""
    domains, refused = {}, {}
    for folder in sorted(root.glob("intel-rapl:*")) if root.is_dir() else ():
        counter = folder / "energy_uj"
        try:
            wrap = int((folder / "max_energy_range_uj").read_text()) / 1e6
            int(counter.read_text())
        except (OSError, ValueError) as error:
            refused[str(counter)] = getattr(error, "strerror", None) or str(error)
        else:
            domains[_column(folder, root)] = (counter, wrap)
    return domains, refused


def _column(folder, root):
    """rapl_package_0_j for intel-rapl:0, rapl_dram_0_j for its domain named dram."""
    name = (folder / "name").read_text().strip()
    name = re.sub(r"\W+", "_", name.lower())
    numbers = folder.name.split(":")[1:]
    if len(numbers) > 1:
        socket = (root / ":".join(["intel-rapl", numbers[0]]) / "name").read_text()
        name += "_" + re.sub(r"\D", "", socket.strip() or numbers[0])
    return f"rapl_{name}_j"


def _reason(root, refused):
    if not root.is_dir():
        return (
            f"{root} does not exist: no powercap driver (virtual machines and "
            "containers hide it); on a machine of your own try `sudo modprobe "
            "intel_rapl_msr`"
        )
    if not refused:
        return (
            f"{root} has no intel-rapl domain: the kernel offers no counter for this "
            "CPU; try `sudo modprobe intel_rapl_msr`"
        )
    path, error = next(iter(refused.items()))
    return f"{path}: {error}; " + WHAT_TO_DO.format(root=root)
