"""What the columns of operations.csv mean: counts over all tested samples."""

COUNTED = "counted while testing, over all tested samples"
NETWORK = "the network and its weights"
ACCESSES = "worked out from the counts"
ESTIMATE = "energy/energies.csv times the counts"
REUSED = "; at most, where a time step keeps what it works on"

RUN = {
    NETWORK: {
        "layer": "of the network, from 1; the last is the output",
        "kind": "conv or linear",
        "kernel": "edge of the kernel; 1 of a linear layer",
        "inputs": "places of the layer's input",
        "sums": "weighted sums, before pooling",
        "neurons": "how many the layer has, after pooling",
        "weights": "without biases; a kernel's count once",
        "zero_weights": "those of them that are exactly 0",
        "biases": "added once to each weighted sum and time step",
        "parameter_bytes": "of weights, in their bits, and of biases, as float32",
        "state_bytes": "of membrane potentials, as float32",
    },
    COUNTED: {
        "input": "spikes (or events), which are added, or values, which are multiplied",
        "samples": "how many were tested",
        "steps": "time steps of all samples together; of a network without time, "
        "samples",
        "dense_macs": "taps of all steps, whatever is 0; padding has none",
        "effective_macs": "multiply-accumulates of an input value and a weight that "
        "are not 0",
        "effective_acs": "accumulates: a spike or event meets a weight that is not 0",
        "zero_weight_operations": "what is not in the two before because the weight "
        "is 0",
        "input_events": "spikes or events that came in, or values that are not 0",
        "active_inputs": "places of the input that were not 0; two events of a camera "
        "in one pixel and step count once",
        "input_sparsity": "share of places and steps without input",
        "active_outputs": "spikes that the neurons fired, or values that are not 0; "
        "empty for logits",
        "output_sparsity": "share of neurons and steps that hand on nothing",
        "spikes_per_synapse": "effective operations of an inference for each tap",
        "membrane_updates": "neurons with a potential, times steps",
    },
    ACCESSES: {
        "weight_reads": "words: one an operation",
        "weight_reads_reused": f"words{REUSED}",
        "potential_reads": "words: one an operation and one an update",
        "potential_reads_reused": f"words{REUSED}",
        "potential_writes": "words: one an operation and one an update",
        "potential_writes_reused": f"words{REUSED}",
        "activation_reads": "words: one an operation",
        "activation_reads_reused": f"words{REUSED}; of spikes one each",
        "activation_writes": "words: one a spike, or a value",
    },
}
SUMMED = (
    *("dense_macs", "effective_macs", "effective_acs", "zero_weight_operations"),
    *("membrane_updates", "weight_reads", "weight_reads_reused", "potential_reads"),
    *("potential_reads_reused", "activation_reads", "activation_reads_reused"),
    *("activation_writes", "parameter_bytes", "state_bytes"),
)
EACH = "an inference, all layers, mean over seeds"
MEANINGS = {name: text for words in RUN.values() for name, text in words.items()}
TABLE = {
    "operations.csv of the runs": {
        "steps": "time steps of an inference; 1 of a network without time",
        **{name: f"{MEANINGS[name]}; {EACH}" for name in SUMMED},
        "spikes_per_synapse": "effective operations of an inference for each tap",
        "hidden_sparsity": "share of hidden neurons and steps that hand on nothing",
        "n": "seeds that have the counts",
    },
    "the meter, in test.csv": {
        "measured_inference_j": "energy above idle of the device that it ran on, "
        "measured; empty where no counter was read",
        "measured_operation_j": "the same, an effective operation",
    },
}
ESTIMATES = {
    ESTIMATE: {
        "rival": "the network that it is compared with",
        "model": "of other hardware; what it is made of: energy/energies.csv",
        "title": "what the model is called",
        "kind": "what the model has in it; averages and terms of chips never mix",
        "grade": "of its least sure figure: read, code, reported or derived",
        "estimate_j": "estimated energy of an inference, never measured",
        "rival_estimate_j": "the same of the rival",
        "ratio": "estimated: network over rival, or over the model's own rival",
        "favours_snn": "1 where the ratio is below 1, 0 where not; empty where no "
        "spiking network meets one that does not spike",
        "leaves_out": "what the model has not in it",
        "source": "of the model's energies, and who reports them",
    },
    "operations.csv of the runs": {
        "spikes_per_synapse": "effective operations of an inference for each tap",
        "steps": "time steps of an inference; 1 of a network without time",
        "n": "seeds that have the counts",
    },
}
