"""What the columns of the table of rivals mean."""

from spikewatt.results.words_tables import COMMON, ENDINGS, MEASURED, PAPER

MEANS = {
    "test_accuracy_pct": "test accuracy of the best-validation weights",
    "training_time_s": "time of all epochs, training and validation; of a converted "
    "network with its source's training, as all of training",
    "training_gpu_energy_j": "GPU energy of all epochs",
    "training_cpu_energy_j": "CPU energy of all epochs",
    "training_cpu_time_s": "CPU seconds of all epochs",
    "latency_median_ms": "median time of a single sample after warm-up; of a network "
    "whose own path imitates a precision, on the int8 path alone",
    "latency_p95_ms": "the 95th percentile of it",
    "inference_j": "energy above idle of a single sample",
    "inference_cpu_s": "CPU seconds of a single sample",
    "peak_gpu_memory_pct": "highest device memory in use while training",
    "peak_process_memory_mib": "highest resident memory of the training process",
    "parameter_bytes": "bytes of all weights and biases",
    "spikes_per_sample": "spikes of all layers for a test sample; empty without spikes",
    "hidden_sparsity": "share of the hidden neurons' values, of all steps, that are 0",
}
COSTS = {
    "time_s": "seconds",
    "gpu_energy_j": "joules of the GPU",
    "cpu_energy_j": "joules of the CPU's packages",
    "cpu_time_s": "CPU seconds",
}
ASKED = {
    "paper": "the paper's lowest test accuracy on these data with these layers",
    "weakest": "the weakest rival's best validation accuracy less one point",
}
UNTIL = (
    "{} until validation first reaches {}_target_pct; mean over the seeds that do, "
    "empty where none does or it was not measured"
)


def _means():
    return {
        f"{name}{ending}": ENDINGS[ending][1].format(meaning)
        if ending
        else f"{meaning}, mean over seeds"
        for name, meaning in MEANS.items()
        for ending in ("", "_ci", "_n")
    }


def _until():
    words = {}
    for target in ASKED:
        for cost, meaning in COSTS.items():
            name, text = f"to_{target}_{cost}", UNTIL.format(meaning, target)
            words |= {name: text, f"{name}_ci": ENDINGS["_ci"][1].format(name)}
        words[f"{target}_reached"] = f"seeds that reach {target}_target_pct"
        words[f"{target}_seeds"] = "seeds whose epochs are known"
    return words


RIVALS = {
    MEASURED: {
        "label": "what the network is called",
        "spiking": "1 if it spikes, else 0",
        "against": "the network that it is compared with",
        "seeds": "runs of the network, one a seed",
        **_means(),
        "difference_points": "test accuracy minus that of the network compared with, "
        "over the seeds that both have",
        "difference_points_ci": "half width of its 95 % interval (Student t)",
        "difference_points_n": COMMON["n"],
        "difference_low_points": "lower end of the 90 % interval that the verdict "
        "rests on, in which the test's samples are counted too",
        "difference_high_points": "upper end of it",
        "verdict": "equivalent (within the margin), better or worse (beyond it), or "
        "inconclusive",
        **_until(),
        "weakest_target_pct": ASKED["weakest"],
        "flags": COMMON["flags"],
    },
    PAPER: {"paper_target_pct": ASKED["paper"]},
}
