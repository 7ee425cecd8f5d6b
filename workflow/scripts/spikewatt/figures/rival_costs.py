"""What the figures of rivals show as costs: names of `results.rivals` and words."""

from dataclasses import dataclass

from spikewatt.results import rivals
from spikewatt.results.rivals import training


@dataclass(frozen=True)
class CostAxis:
    """A cost: its name in `rivals.Rival.values`, words and unit, and what 1 unit is."""

    name: str
    words: str
    unit: str
    scale: float = 1.0

    @property
    def axis(self):
        """«training time / s»."""
        return f"{self.words} / {self.unit}"


ENERGIES = {
    "gpu_energy_j": ("GPU energy", "J"),
    "cpu_energy_j": ("CPU energy", "J"),
    "cpu_time_s": ("CPU time", "s"),
}
OF_ONE = {
    "inference_j": CostAxis("inference_j", "energy of an inference", "mJ", 1e-3),
    "inference_cpu_s": CostAxis("inference_cpu_s", "CPU time, inference", "ms", 1e-3),
    "peak_gpu_memory_pct": CostAxis("peak_gpu_memory_pct", "peak device memory", "%"),
    "peak_process_memory_mib": CostAxis(
        "peak_process_memory_mib", "peak process memory", "MiB"
    ),
}


def of_fields(fields):
    """The costs that are shown of all these experiments, a `CostAxis` each."""
    energy = rivals.shown(fields, rivals.TRAINING_ENERGIES)
    words, unit = ENERGIES[energy]
    return [
        CostAxis(training("time_s"), "training time", "s"),
        CostAxis(training(energy), f"{words}, training", unit),
        OF_ONE[rivals.shown(fields, rivals.MEMORIES)],
        CostAxis("latency_median_ms", "latency, median", "ms"),
        OF_ONE[rivals.shown(fields, rivals.INFERENCE_ENERGIES)],
        CostAxis("parameter_bytes", "parameters", "kB", 1e3),
    ]
