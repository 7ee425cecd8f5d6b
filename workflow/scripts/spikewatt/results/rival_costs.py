"""What rivals cost, each cost with its words: for their table, figures and report.

Of each list the first that every network has is shown, see `rivals.shown`.
"""

from dataclasses import dataclass

from spikewatt.results.converted import COSTS


@dataclass(frozen=True)
class RivalCost:
    """A cost by its name in `rivals.Rival.values`, its words and its unit.

    scale: what 1 of the unit is in that of the values; column: of Table I's row, for
    what is read from there.
    """

    name: str
    words: str
    unit: str
    scale: float = 1.0
    column: str | None = None

    @property
    def axis(self):
        """«training time / s»."""
        return f"{self.words} / {self.unit}"

    @property
    def heading(self):
        """«Peak device memory / %»."""
        return f"{self.axis[0].upper()}{self.axis[1:]}"


# What stands for energy: names of `converted.COSTS`, of a whole training.
TRAINING_ENERGIES = (
    RivalCost("gpu_energy_j", "GPU energy", "J"),
    RivalCost("cpu_energy_j", "CPU energy", "J"),
    RivalCost("cpu_time_s", "CPU time", "s"),
)
INFERENCE_ENERGIES = (
    RivalCost("inference_j", "energy of an inference", "mJ", 1e-3),
    RivalCost("inference_cpu_s", "CPU time of an inference", "ms", 1e-3),
)
MEMORIES = (
    RivalCost(
        "peak_gpu_memory_pct", "peak device memory", "%", column="max_gpu_memory_pct"
    ),
    RivalCost(
        "peak_process_memory_mib", "peak process memory", "MiB", column="max_rss_mib"
    ),
)


def training(cost):
    """The name of a whole training's cost: «training_cpu_time_s» of «cpu_time_s»."""
    return f"training_{cost}"


def key(cost):
    """The name in `rivals.Rival.values` of a `RivalCost`, also of a training's."""
    return training(cost.name) if cost.name in COSTS else cost.name
