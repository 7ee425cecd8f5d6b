"""What an inference takes in operations and memory, and what it cost if measured."""

from spikewatt.results import devices, estimated, notes, operations
from spikewatt.results.notes import Note
from spikewatt.results.table import Table, frame, number
from spikewatt.results.words_operations import SUMMED

TITLE = "Operations and memory of an inference, counted over the test set"
# (column of the CSV, heading, unit of the heading, digits)
SHOWN = (
    ("steps", "Steps", 1, 0),
    ("dense_macs", "Dense taps / million", 1e6, 3),
    ("effective_macs", "MACs / million", 1e6, 3),
    ("effective_acs", "ACs / million", 1e6, 3),
    ("spikes_per_synapse", "Operations per synapse", 1, 3),
    ("hidden_sparsity", "Hidden sparsity", 1, 3),
    ("membrane_updates", "Membrane updates / thousand", 1e3, 1),
    ("weight_reads_reused", "Weight reads / million, with reuse", 1e6, 3),
    ("weight_reads", "without", 1e6, 3),
    ("parameter_bytes", "Parameters / kB", 1e3, 1),
    ("state_bytes", "State / kB", 1e3, 1),
    ("measured_inference_j", "Measured / µJ", 1e-6, 2),
    ("measured_operation_j", "Measured / pJ per operation", 1e-12, 2),
)
READING = Note(
    "reading",
    "MACs and ACs are those of inputs and weights that are not 0; padding has no taps. "
    "Per inference, all layers together, mean over seeds; layer by layer they stand in "
    "operations.csv of each run.",
)
MEASURED = Note(
    "reading",
    "Measured is the energy above idle of the device that the network ran on, by its "
    "own counter, whole batches and loading included: the one energy here that is no "
    "estimate. «—» where no counter could be read.",
)


def table(runs):
    """A row a network. CSV columns: experiment, network, those of `_row`."""
    records, made = [], Table("operations", TITLE, _header(), frame([]), keys=2)
    experiments = {}
    for one in estimated.networks(runs):
        first = one.group[0]
        record = {"experiment": first.experiment, "network": first.network, **_row(one)}
        records.append(record)
        rows = experiments.setdefault(first.experiment, [])
        cells = [
            number(None if record[name] is None else record[name] / unit, digits)
            for name, _, unit, digits in SHOWN
        ]
        label = "" if rows else first.experiment
        rows.append([label, first.label, *cells, str(one.n)])
    for rows in experiments.values():
        made.add(rows)
    made.data = frame(records)
    made.note(READING)
    made.note(MEASURED)
    for text in operations.missing(runs):
        made.note(Note("missing", text))
    for note in notes.flags(runs, "test", mark=""):
        made.note(note)
    return made


def _header():
    return ["Experiment", "Network", *(words for _, words, _, _ in SHOWN), "n"]


def _row(one):
    alike = devices.parts(one.group)[0]  # no mean over unlike devices
    energies = [estimated.measured_energy(run) for run in alike]
    known = [energy for energy in energies if energy is not None]
    energy = sum(known) / len(known) if known else None
    effective = one.total("effective_macs") + one.total("effective_acs")
    return {
        "steps": one.steps,
        **{name: one.total(name) for name in SUMMED},
        "spikes_per_synapse": one.spikes_per_synapse,
        "hidden_sparsity": operations.hidden_sparsity(one.layers),
        "measured_inference_j": energy,
        "measured_operation_j": energy / effective if energy and effective else None,
        "n": one.n,
    }
