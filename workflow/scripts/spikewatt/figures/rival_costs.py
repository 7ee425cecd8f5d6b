"""What the figures of rivals show as costs: names of `results.rivals` and words."""

from dataclasses import dataclass

from spikewatt.results import rivals
from spikewatt.results.rivals import training


@dataclass(frozen=True)
class Cost:
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
    "inference_j": Cost("inference_j", "energy of an inference", "mJ", 1e-3),
    "inference_cpu_s": Cost("inference_cpu_s", "CPU time, inference", "ms", 1e-3),
    "peak_gpu_memory_pct": Cost("peak_gpu_memory_pct", "peak device memory", "%"),
    "peak_process_memory_mib": Cost(
        "peak_process_memory_mib", "peak process memory", "MiB"
    ),
}


def of_fields(fields):
    """The costs that are shown of all these experiments, a `Cost` each."""
    energy = rivals.shown(fields, rivals.TRAINING_ENERGIES)
    words, unit = ENERGIES[energy]
    return [
        Cost(training("time_s"), "training time", "s"),
        Cost(training(energy), f"{words}, training", unit),
        OF_ONE[rivals.shown(fields, rivals.MEMORIES)],
        Cost("latency_median_ms", "latency, median", "ms"),
        OF_ONE[rivals.shown(fields, rivals.INFERENCE_ENERGIES)],
        Cost("parameter_bytes", "parameters", "kB", 1e3),
    ]
