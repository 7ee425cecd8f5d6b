"""What networks are compared by: accuracies and costs, each described once."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Quantity:
    """What is compared.

    role: what it stands for («accuracy», «time», «memory», «energy» or another word);
    name: in `measured`; column: in the run's CSV; paper: in the paper's CSV, or None.
    """

    role: str
    stage: str
    name: str
    column: str
    words: str
    unit: str
    digits: int
    paper: str | None = None

    @property
    def cost(self):
        """Whether ratios of it mean something."""
        return self.role != "accuracy"


def _accuracy(stage, name, column, words):
    return Quantity("accuracy", stage, name, column, words, "%", 2, name)


ACCURACIES = [
    _accuracy(
        "train", "best_val_accuracy_pct", "val_accuracy_pct", "best validation accuracy"
    ),
    _accuracy("test", "test_accuracy_pct", "test_accuracy_pct", "test accuracy"),
]
# A time, and the parts of it: waiting for samples, and all else.
TIMES = [
    Quantity(
        *("time", "train", "mean_epoch_time_s", "train_time_s", "time per epoch"),
        *("s", 2, "mean_epoch_time_s"),
    ),
    Quantity(
        *("loading", "train", "mean_epoch_load_time_s", "train_load_time_s"),
        *("loading per epoch", "s", 2),
    ),
    Quantity(
        *("compute", "train", "mean_epoch_compute_time_s", "train_load_time_s"),
        *("computing per epoch", "s", 2),
    ),
    Quantity(
        *("test time", "test", "test_time_s", "test_time_s", "test time"),
        *("s", 2, "test_time_s"),
    ),
    Quantity(
        *("test loading", "test", "test_load_time_s", "test_load_time_s"),
        *("loading, testing", "s", 2),
    ),
    Quantity(
        *("test compute", "test", "test_compute_time_s", "test_load_time_s"),
        *("computing, testing", "s", 2),
    ),
]
# The first of these that was measured anywhere is shown for all networks.
MEMORIES = [
    Quantity("memory", "train", name, name, words, unit, digits)
    for name, words, unit, digits in (
        ("max_gpu_memory_pct", "peak device memory", "%", 1),
        ("max_rss_mib", "peak process memory", "MiB", 0),
    )
]
ENERGIES = [
    Quantity("energy", "train", name, column, words, unit, digits)
    for name, column, words, unit, digits in (
        ("mean_epoch_energy_j", "gpu_energy_j", "GPU energy per epoch", "J", 1),
        ("mean_epoch_cpu_energy_j", "cpu_energy_j", "CPU energy per epoch", "J", 1),
        ("mean_epoch_cpu_time_s", "cpu_time_s", "CPU time per epoch", "s", 2),
    )
]
# What goes with each energy that was measured; a stand-in has no power.
WITH_ENERGY = {
    "mean_epoch_energy_j": [
        Quantity(
            *("power", "train", "mean_gpu_power_w", "mean_gpu_power_w"),
            *("mean GPU power, training", "W", 1, "mean_gpu_power_w"),
        ),
        Quantity(
            *("test energy", "test", "test_energy_j", "gpu_energy_j"),
            *("GPU energy, testing", "J", 1),
        ),
    ],
    "mean_epoch_cpu_energy_j": [
        Quantity(
            *("power", "train", "mean_cpu_power_w", "mean_cpu_power_w"),
            *("mean CPU power, training", "W", 1),
        ),
        Quantity(
            *("test energy", "test", "test_cpu_energy_j", "cpu_energy_j"),
            *("CPU energy, testing", "J", 1),
        ),
    ],
}


def _cost(stage, name, words, paper=None):
    """A cost that is shown as a ratio only: it needs no unit, column or digits."""
    return Quantity(words, stage, name, name, words, "", 2, paper)


# What a network costs against another, in the order of the table of ratios.
COSTS = (
    _cost("train", "mean_epoch_time_s", "time per epoch", "mean_epoch_time_s"),
    _cost("train", "mean_gpu_memory_pct", "memory, training", "mean_gpu_memory_pct"),
    _cost("train", "mean_gpu_power_w", "power, training", "mean_gpu_power_w"),
    _cost("train", "mean_epoch_energy_j", "energy per epoch"),
    _cost("test", "test_time_s", "time, testing", "test_time_s"),
    _cost("test", "mean_gpu_memory_pct", "memory, testing", "mean_gpu_memory_pct"),
    _cost("test", "mean_gpu_power_w", "power, testing", "mean_gpu_power_w"),
    _cost("test", "test_energy_j", "energy, testing"),
)
