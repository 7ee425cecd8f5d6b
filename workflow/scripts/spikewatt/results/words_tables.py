"""What the columns of the tables and of the claims mean."""

from spikewatt.results.columns import COLUMNS
from spikewatt.results.undisturbed import SUFFIX, of_a_machine

MEASURED = "this run's files"
PAPER = "the paper's tables"
CLAIMS = "paper/claims.csv"
JUDGED = "the verdict (docs/VERDICTS.md)"

# What a column's ending makes of it; {} is the meaning of the column without it.
ENDINGS = {
    "_ci": (MEASURED, "half width of the 95 % interval over seeds (Student t) of: {}"),
    "_n": (MEASURED, "seeds that have a number of: {}"),
    "_paper": (PAPER, "the paper's {}"),
    "_difference": (PAPER, "this run's minus the paper's {}"),
    "_uncertainty": (MEASURED, "standard uncertainty by the meter alone of: {}"),
    SUFFIX: (MEASURED, "without what the meter flagged: {}"),
}
# Means that Tables I and II have in their CSV alone.
BESIDE = {
    "train": {
        "mean_cpu_power_w": "mean power of the CPU packages",
        "mean_epoch_energy_j": "GPU energy per epoch",
        "mean_epoch_cpu_energy_j": "CPU energy per epoch",
    },
    "test": {
        "mean_cpu_power_w": "mean power of the CPU packages",
        "test_energy_j": "GPU energy of the test",
        "test_cpu_energy_j": "CPU energy of the test",
    },
}
COMMON = {
    "flags": "words that what the row rests on is flagged with",
    "n": "seeds that the number rests on",
    "low": "lower end of the 95 % interval over seeds; empty below two",
    "high": "upper end of it",
    "label": "what the row's network, or pair, is called",
    "quantity": "what is compared",
    "device": "the hardware that computed it; empty where its files do not say",
}
PAIR = {
    "first": "the network that is compared with",
    "second": "the network that is compared",
}


def published(stage):
    """origin → column → meaning, of table1.csv («train») or table2.csv («test»)."""
    words = {
        MEASURED: {
            "seeds": "runs of the network, one a seed, on the row's device",
            "device": COMMON["device"],
            "flags": COMMON["flags"],
            "notes": "what a reader must know of the network's runs",
        },
        PAPER: {},
    }
    paper = ("_paper", "_difference")
    for column in COLUMNS[stage]:
        endings = ["", "_ci", "_n", *paper]
        endings += ["_uncertainty"] * column.name.endswith("_power_w")
        endings += [SUFFIX] * of_a_machine(column.name)
        header = column.header.split(" / ")[0]
        _add(words, column.name, header[0].lower() + header[1:], endings)
    for name, meaning in BESIDE[stage].items():
        _add(words, name, meaning, ["", "_ci", "_n", "_uncertainty"])
    return words


def _add(words, name, meaning, endings):
    for ending in endings:
        origin, text = ENDINGS.get(ending, (MEASURED, "{}, mean over seeds"))
        words[origin][f"{name}{ending}"] = text.format(meaning)


# The last column of every table.
ORIGIN = {
    "all files of the runs": {
        "origin": "epochs, data, seeds, stack and protocol of what the table is made of"
    }
}
FIRING = {
    MEASURED: {
        "layer": "of the network, from 1; the last is the output",
        "neurons": "how many the layer has",
        "spikes_per_neuron_step": "mean over neurons, time steps and seeds, test set",
        "ci": "half width of its 95 % interval (Student t)",
        "n": COMMON["n"],
    }
}
RATIOS = {
    MEASURED: {
        **PAIR,
        **{name: COMMON[name] for name in ("quantity", "low", "high", "n", "flags")},
        "device": COMMON["device"],
        "ratio": "second over first: geometric mean over the seeds that both have",
    },
    PAPER: {"paper": "the same ratio of the paper's numbers"},
}
PAIRED = {
    MEASURED: {
        **PAIR,
        **{name: COMMON[name] for name in ("quantity", "n", "flags")},
        "device": COMMON["device"],
        "table": "of which the quantity is: table1 or table2",
        "difference": "second minus first: mean over the seeds that both have",
        "ci": "half width of its 95 % interval (Student t)",
    },
    PAPER: {"paper": "the same difference of the paper's numbers"},
}
STACKS = {
    MEASURED: {
        **COMMON,
        "against": "the other network, where the row is a ratio to it",
        **{
            f"{stack}{ending}": text.format(stack)
            for stack in ("reference", "fast")
            for ending, text in {
                "": "mean, or ratio, in the stack {}",
                "_low": "lower end of its 95 % interval, stack {}",
                "_high": "upper end of its 95 % interval, stack {}",
                "_n": "seeds that it rests on, stack {}",
                "_uncertainty": "its standard uncertainty by the meter alone, stack {}",
            }.items()
        },
        "comparison": "what value is: fast over reference (ratio) or fast minus "
        "reference (difference)",
        "value": "fast against reference, over the seeds that both have",
    },
    PAPER: {"paper": "the paper's number of the row"},
}
CLAIM = {
    CLAIMS: {
        "id": "the claim's name",
        "place": "where the paper says it",
        "quote": "the paper's words",
        "experiment": "that it is about",
        "statement": "what it says, in a sentence",
        "claimed": "the number that the paper states, or the bound",
        "unit": "of claimed and of the run's number",
        "relation": "how the number is to stand to the claimed one",
        "formula": "of the number, from cells of the tables",
        "alternative": "another reading of the paper's words",
        "judged_by": "the formula that a verdict tests, where it is another",
        "target": "what judged_by is held against",
        "tolerance": "what rounding and words like «about» allow",
        "tolerance_basis": "why the tolerance is that",
        "kind": "of quantity, which decides its margin",
        "scale": "how numbers are compared: as differences or as ratios",
        "fitted": "what free choice was fitted to this number, if any",
    },
    PAPER: {
        "table_value": "the same number from the paper's own tables",
        "table_rounding": "what the rounding of their cells makes of it",
        "table_alternative": "the number by the other reading",
        "self_check": "whether text and tables of the paper agree",
    },
    JUDGED: {
        "run_value": "mean over seeds, without flagged epochs",
        "n": "seeds that have the number",
        "more_seeds": "how many more would decide it",
        "run_low": "lower end of its interval",
        "run_high": "upper end of its interval",
        "run_ratio": "the run's ratio, where it is judged as one",
        "claimed_ratio": "the paper's ratio, where it is judged as one",
        "flags": "words that what the verdict rests on is flagged with",
        "run_value_all": "mean over seeds with the flagged epochs in it",
        "verdict": "reproduced, not reproduced, inconclusive, …",
        "basis": "what the verdict rests on",
        "same_as": "the first claim that is the same test",
        "notes": "how its networks leave the protocol, and where they differ",
    },
}
