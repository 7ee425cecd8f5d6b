"""The columns of Tables I and II, in the paper's order and words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column of a table.

    name: in our CSV and in `spikewatt.results.measured`; header: in the paper's words;
    digits: decimals shown; paper: its name in the paper's CSV, None where the paper has
    no such number.
    """

    name: str
    header: str
    digits: int
    paper: str | None


def _same(name, header, digits):
    return Column(name, header, digits, name)


TABLE1 = (
    _same("best_train_accuracy_pct", "Highest training accuracy / %", 2),
    _same("best_val_accuracy_pct", "Highest validation accuracy / %", 2),
    _same("epochs_to_best_val", "Epochs to reach optimum validation accuracy", 0),
    _same("mean_epoch_time_s", "Average time consumption per epoch / s", 2),
    _same("mean_gpu_memory_pct", "Average memory consumption / %", 1),
    _same("mean_gpu_power_w", "Average power consumption / W", 1),
)

TABLE2 = (
    _same("test_accuracy_pct", "Testing accuracy / %", 2),
    _same("test_time_s", "Time consumption / s", 2),
    _same("mean_gpu_memory_pct", "Average memory consumption / %", 1),
    _same("mean_gpu_power_w", "Average power consumption / W", 1),
    Column("recall_macro", "Testing recall score (macro)", 4, "recall"),
    # The paper states formula (15), but its own numbers do not follow from it: its F1
    # stands beside the usual one.
    Column("f1_macro", "Testing F1 score (macro)", 4, "f1"),
    Column("f1_formula15", "Testing F1 score by formula (15)", 4, None),
)
COLUMNS = {"train": TABLE1, "test": TABLE2}
TITLES = {
    "train": "Table I. Results obtained from training the networks, on the training "
    "and validation set",
    "test": "Table II. Results obtained from testing the networks, on the testing set",
}
NAMES = {"train": "table1", "test": "table2"}
