"""What the paper's recorder would have shown.

Weights & Biases up to client 0.17.8 (until September 2024, so the paper's) took a
sample every 2 s and logged the mean of 15, one point every 30 s; a run shorter than
that left nothing. https://github.com/wandb/wandb (wandb/sdk/internal/system)
"""

SAMPLE_S = 2.0
SAMPLES = 15
COLUMNS = {
    "gpu_power_w": "recorder_gpu_power_w",
    "gpu_memory_pct": "recorder_gpu_memory_pct",
}


class Recorder:
    """Feed it every reading; every 30 s it returns a point, else nothing."""

    def __init__(self, start):
        self.next, self.samples = start + SAMPLE_S, []

    def take(self, now, values):
        """{column: mean of the last 15 samples} when a point is due, else {}."""
        if now < self.next:
            return {}
        self.next += SAMPLE_S * (1 + int((now - self.next) / SAMPLE_S))
        self.samples.append([values.get(column) for column in COLUMNS])
        if len(self.samples) < SAMPLES:
            return {}
        taken, self.samples = self.samples, []
        means = map(_mean, zip(*taken, strict=True))
        return dict(zip(COLUMNS.values(), means, strict=True))


def _mean(values):
    there = [value for value in values if value is not None]
    return sum(there) / len(there) if there else None
