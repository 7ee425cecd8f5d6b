"""What the columns of a run's files mean, and those of summary.csv and columns.csv."""

RUN = "which run it is"
TRAINING = "counted while training"
TESTING = "counted while testing"
FLAGS = "meter and training"

NAMES = {
    RUN: {
        "experiment": "the experiment, as in the config",
        "network": "the network, as in the config",
        "label": "what the network is called",
        "stack": "the software that ran it: reference or fast",
        "device": "the hardware that computed it; empty where its files do not say",
        "seed": "of split, weights, order of samples and coding",
    }
}
EPOCH = {
    TRAINING: {
        "epoch": "from 1",
        "train_loss": "mean over the training samples",
        "train_accuracy_pct": "running accuracy while the weights change, with dropout",
        "val_loss": "mean over the validation samples",
        "val_accuracy_pct": "accuracy on the validation set after the epoch",
        "train_time_s": "of the epoch's training",
        "val_time_s": "of the epoch's validation",
        "train_load_time_s": "part of train_time_s in which the loop waited for "
        "samples, before they were moved to the device or encoded",
        "val_load_time_s": "likewise, of val_time_s",
        "train_samples": "samples that were trained on",
        "val_samples": "samples that were validated on",
        "spikes_per_neuron_step": "mean over hidden neurons and time steps, validation "
        "set; empty without spikes",
    },
    FLAGS: {"flags": "words separated by spaces; empty for a clean epoch"},
}
TEST = {
    TESTING: {
        "test_loss": "mean over the tested samples",
        "test_accuracy_pct": "accuracy of the best-validation weights",
        "test_time_s": "of one pass over the test set",
        "test_load_time_s": "part of test_time_s in which the loop waited for samples, "
        "before they were moved to the device or encoded",
        "recall_macro": "mean of the classes' recalls, from 0 to 1",
        "f1_macro": "mean of the classes' F1 scores, from 0 to 1",
        "f1_paper": "the paper's formula (15): accuracy in the place of precision",
        "samples": "how many were tested",
        "spikes_per_neuron_step": "mean over hidden neurons and time steps, test set; "
        "empty without spikes",
    },
    FLAGS: {"flags": "words separated by spaces; empty for a clean test"},
}
PREDICTION = {
    TESTING: {
        "index": "of the sample in the test set, from 0",
        "label": "the sample's right class",
        "prediction": "the class that the network answered",
    }
}
FIRING = {
    TESTING: {
        "layer": "of the network, from 1; the last is the output",
        "neurons": "how many the layer has",
        "spikes_per_neuron_step": "mean over the layer's neurons and time steps, test "
        "set",
    }
}
ANYTIME = {
    TESTING: {
        "step": "time steps that the answer is given after, from 1",
        "accuracy_pct": "accuracy after this step: the output that has fired most",
        "spikes_per_sample": "of all layers, up to and with this step, mean over the "
        "test samples; the input's are not among them",
        "settled_pct": "samples whose answer changes no more after this step",
    }
}
VALIDATED = "training, on the validation samples"
EARLY_EXIT = {
    VALIDATED: {
        "allowed_loss_points": "points of validation accuracy that the early exit may "
        "cost",
        "margin": "spikes by which the first output must lead the second to stop; the "
        "smallest that costs no more on the validation samples",
        "val_accuracy_pct": "accuracy with it on the validation samples",
        "val_mean_steps": "time steps used with it on the validation samples",
    },
    TESTING: {
        "mean_steps": "time steps used with this margin, mean over the test samples",
        "accuracy_pct": "test accuracy with this margin",
    },
}
SINGLE = "testing, one sample after the other, after the test"
WINDOW = "meter: the window in which single samples were repeated"
INFERENCE = {
    SINGLE: {
        "path": "own: the run's stack (test.json says under inference: own: emulated "
        "where that is no arithmetic of the network's own precision); onnx_int8: the "
        "integer operations of ONNX Runtime",
        "samples": "how many were timed, each once: the first that were tested",
        "latency_median_ms": "from a sample in memory to its class; batch of 1",
        "latency_p95_ms": "95th percentile of the same",
    },
    WINDOW: {
        "repeats": "samples that went through in the window",
        "window_s": "its length",
        "joules_per_sample": "above idle, of the device that computed: the whole board "
        "or the CPU packages; test.json says why it is empty",
        "cpu_s_per_sample": "CPU seconds of the run's processes",
    },
}
SUMMED = "epochs.csv and test.csv, added up"
TAKEN = "epochs.csv or test.csv"
FACTS = "run.json"
SUMMARY = {
    TAKEN: {
        "epochs": "how many were run",
        "best_epoch": "the first with the best validation accuracy",
        "best_train_accuracy_pct": "highest training accuracy of an epoch",
        "best_val_accuracy_pct": "highest validation accuracy of an epoch",
        "test_accuracy_pct": "accuracy of the best-validation weights",
        "spikes_per_neuron_step": "mean over hidden neurons and time steps, test set; "
        "empty without spikes",
        "flags": "words that any epoch was flagged with",
        "test_flags": "words that the test was flagged with",
        "missing": "files that are missing or damaged",
    },
    SUMMED: {
        "total_time_s": "training, validation and test; empty if a part is; of a "
        "converted network with its source's training, as all totals",
        "total_gpu_energy_j": "of the whole board; empty if a part is",
        "total_cpu_energy_j": "of the CPU packages; empty if a part is",
        "total_cpu_time_s": "CPU seconds of the run's processes; empty if a part is",
    },
    FACTS: {
        "why_no_energy": "why a total energy is empty, for each device",
        "deviations": "settings that leave the paper's protocol",
        "folder": "where the run's files are",
    },
}
DICTIONARY = {
    "the dictionary itself": {
        "file": "the CSV file, below the results folder",
        "column": "its name there; N stands for a number",
        "unit": "by the ending of the name; empty for counts, words and shares of 1",
        "meaning": "what stands there",
        "origin": "where it comes from",
    }
}
