"""What each of several boards drew, where all of them are measured together."""

from spikewatt.meter import summary
from spikewatt.meter.backends.nvml_all import ENERGY, POWER
from spikewatt.meter.interval import total


def rows(boards, intervals):
    """{"uuid", "name", "mean_gpu_power_w", "gpu_energy_j"} of each board.

    boards: facts of each, as `NvmlAll.facts` tells them; None is what was not measured.
    Energy is the counter's, else the integral of power.
    """
    return [
        {
            "uuid": facts["uuid"],
            "name": facts["name"],
            "mean_gpu_power_w": summary.mean(intervals, POWER.format(number)),
            "gpu_energy_j": _energy(intervals, number),
        }
        for number, facts in enumerate(boards)
    ]


def _energy(intervals, number):
    counted = total(intervals, lambda part: part.grown(ENERGY.format(number)))
    if counted is not None:
        return counted
    return total(intervals, lambda part: part.integral(POWER.format(number)))
