"""How often the neurons of each layer of the spiking networks fire."""

from spikewatt.results import firing, measured, notes, stats
from spikewatt.results.notes import Note
from spikewatt.results.table import Table, frame, number, spread
from spikewatt.results.useful import useful

TITLE = "Firing rates by layer: spikes per neuron and time step, test set"
HEADER = [
    "Experiment",
    "Network",
    "Layer",
    "Neurons",
    "Spikes per neuron and step",
    "n",
]
OUTPUT = Note(
    "reading", "The last layer is the output; networks that do not spike have no row."
)


def rates(runs):
    """A row for each layer of each spiking network, mean over its seeds.

    CSV columns: experiment, network, layer (from 1, the output last), neurons,
    spikes_per_neuron_step, ci (half width, 95 %, Student t), n.
    """
    records, made = [], Table("firing", TITLE, HEADER, frame([]), keys=3)
    for (experiment, network), group in measured.by_network(runs).items():
        rows = []
        for layer, neurons, values in firing.by_layer(group):
            mean, half, n = stats.mean_ci(values)
            record = {"experiment": experiment, "network": network, "layer": layer}
            record |= {"neurons": neurons, "spikes_per_neuron_step": mean}
            records.append(record | {"ci": half, "n": n})
            half = half if useful("spikes_per_neuron_step", half, mean) else None
            names = ["", ""] if rows else [experiment, group[0].label]
            cells = [number(neurons, 0), spread(mean, half, 4), str(n)]
            rows.append([*names, str(layer), *cells])
        if rows:
            made.add(rows)
    made.data = frame(records)
    made.note(OUTPUT)
    for text in firing.missing(runs):
        made.note(Note("missing", text))
    if any(record["n"] > 1 for record in records):
        made.note(notes.INTERVAL)
    return made
