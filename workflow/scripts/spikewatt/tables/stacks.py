"""The fast stack against the reference: what software makes of the same networks."""

import pandas as pd

from spikewatt import stats
from spikewatt.tables import measured
from spikewatt.tables.comparisons import interval_text, same_seeds, values
from spikewatt.tables.table import EMPTY, Table, frame, number, signed, spread

STACKS = ("reference", "fast")
# (stage, name in `measured`, in words, decimals)
ACCURACIES = (
    ("t1", "best_val_accuracy_pct", "best validation accuracy / %", 2),
    ("t2", "test_accuracy_pct", "test accuracy / %", 2),
)
COSTS = (
    ("t1", "mean_epoch_time_s", "time per epoch / s", 2),
    ("t2", "test_time_s", "test time / s", 2),
    ("t1", "mean_gpu_memory_pct", "device memory, training / %", 1),
    ("t1", "mean_epoch_energy_j", "device energy per epoch / J", 1),
    ("t2", "test_energy_j", "device energy, testing / J", 1),
    ("t1", "mean_epoch_cpu_time_s", "CPU time per epoch / s", 2),
    ("t1", "max_rss_mib", "process memory, training / MiB", 0),
)
COLUMNS = [
    "experiment",
    "network",
    "label",
    "quantity",
    *STACKS,
    "comparison",
    "value",
    "low",
    "high",
    "n",
]
TITLE = "The same networks on two stacks: snnTorch's loop and the fast one"
ONE_STACK = (
    "Only one stack was run, so there is nothing to compare. "
    "Set `stacks: [reference, fast]` in the config."
)


def stacks(runs):
    """The fast stack against the reference, a network after the other.

    runs: of both stacks. CSV columns: experiment, network, label, quantity, reference,
    fast (means over common seeds), comparison (difference or ratio, fast against
    reference), value, low, high (95 %), n.
    """
    header = [
        "Experiment",
        "Network",
        "Quantity",
        *STACKS,
        "fast against reference",
        "n",
    ]
    made, records = Table("stacks", TITLE, header, pd.DataFrame(columns=COLUMNS)), []
    for group in measured.by_network(runs).values():
        both = same_seeds(*([r for r in group if r.stack == s] for s in STACKS))
        if not both[0]:
            continue
        names = [group[0].experiment, group[0].label]
        made.groups.append(len(made.rows))
        for quantity in (*ACCURACIES, *COSTS):
            record, text = _compared(quantity, *both)
            records.append(record)
            shown = [number(record[stack], quantity[3]) for stack in STACKS]
            made.rows.append([*names, quantity[2], *shown, text, str(record["n"])])
            names = ["", ""]
    if not records:
        made.note(ONE_STACK)
        return made
    made.data = frame(records)[COLUMNS]
    made.note("Accuracies: fast − reference in points; all else: fast / reference.")
    return made


def _compared(quantity, reference, fast):
    """A row of the CSV, and its comparison as text."""
    stage, name, _, digits = quantity
    slow, quick = values(reference, stage, name), values(fast, stage, name)
    record = {
        "experiment": reference[0].experiment,
        "network": reference[0].network,
        "label": reference[0].label,
        "quantity": name,
        "reference": stats.mean_ci(slow)[0],
        "fast": stats.mean_ci(quick)[0],
    }
    if quantity in ACCURACIES:
        mean, half, n = stats.paired_difference(quick, slow)
        ends = (None, None) if half is None else (mean - half, mean + half)
        record |= {"comparison": "difference", "value": mean, "n": n}
        record |= dict(zip(("low", "high"), ends, strict=True))
        return record, spread(mean, half, digits, signed)
    ratio, low, high, n = stats.paired_ratio(quick, slow)
    record |= {"comparison": "ratio", "value": ratio, "low": low, "high": high, "n": n}
    text = interval_text({"ratio": ratio, "low": low, "high": high})
    return record, text if text == EMPTY else f"× {text}"
