"""Panels B to D of an experiment's figure: what each shows, and what stands in.

Where no GPU was measured, numbers of the host stand in the place of the device's, with
a title and an axis that say so. One choice holds for all networks of a figure, so that
all lines of a panel mean the same: if any run has the device's numbers, the panel is
the paper's, and networks without them are named below it.
"""

from dataclasses import dataclass

from spikewatt.figures import series
from spikewatt.results import missing


@dataclass(frozen=True)
class Panel:
    """A panel with one line a network.

    column: of epochs.csv, or one of `series.DERIVED`; words: what the caption says of
    it; paper: column of the paper's Table I, where that is the same quantity.
    """

    letter: str
    title: str
    axis: str
    column: str
    unit: str
    words: str
    paper: str | None = None


TIME = Panel(
    *("B", "Time per epoch", "time / s", "epoch_time_s", " s"),
    *("time for training and validation", "mean_epoch_time_s"),
)
# In each list the first that was measured anywhere is shown.
MEMORIES = (
    Panel(
        *("C", "Device memory", "memory in use / %", "mean_gpu_memory_pct", " %"),
        *("memory of the device in use, of all of its memory", "mean_gpu_memory_pct"),
    ),
    Panel(
        *("C", "Process memory (no GPU's was measured)", "peak resident memory / MiB"),
        *("max_rss_mib", " MiB", "peak memory of the training process"),
    ),
)
POWERS = (
    Panel(
        *("D", "Device power", "board power / W", "mean_gpu_power_w", " W"),
        *("power of the board", "mean_gpu_power_w"),
    ),
    Panel(
        *("D", "CPU power (no GPU's was measured)", "power of the CPU packages / W"),
        *("mean_cpu_power_w", " W", "power of the CPU packages, all that ran on them"),
    ),
    Panel(
        *("D", "Busy CPU cores (no power was measured)"),
        *("busy cores (CPU per wall time)", "busy_cores", " busy cores"),
        "CPU time of the training process per wall time, which is no power, but says "
        "how busy it kept the CPU",
    ),
)


def chosen(groups):
    """The panels B, C and D that the runs of these networks call for."""
    return [TIME, _first_measured(MEMORIES, groups), _first_measured(POWERS, groups)]


def clauses(shown):
    """What the panels show, a clause each."""
    return [f"({panel.letter}) {panel.words}" for panel in shown]


def why(shown, groups):
    """The sentence on why panels show the host's numbers, in a list; else none."""
    passed = [
        (kind, panel)
        for panel in shown
        for kinds in (MEMORIES, POWERS)
        if panel in kinds
        for kind in kinds[: kinds.index(panel)]
    ]
    if not passed:
        return []
    reasons = dict.fromkeys(
        series.why_empty(group, kind.column) for kind, _ in passed for group in groups
    )
    letters = dict.fromkeys(f"({panel.letter})" for _, panel in passed)
    first, *others = reasons
    told = "; ".join([first, *(_shortened(other) for other in others)])
    return [f"{' and '.join(letters)} are of the host, since the device's were {told}."]


def _shortened(reason):
    """A reason after another: that it was not measured here is said once."""
    return reason.removeprefix(f"{missing.NOT_HERE}: ")


def _first_measured(kinds, groups):
    """The first kind that any run has; without any the first, which says why."""
    for panel in kinds:
        if any(series.per_epoch(group, panel.column).present for group in groups):
            return panel
    return kinds[0]
