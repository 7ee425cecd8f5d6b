"""One line on what a table was made from, so that it says so wherever it is taken."""

SOURCES = {
    "official": "official data",
    "local": "official data (from a folder)",
    "sample": "made-up data (source: sample)",
}
PROTOCOL = {True: "not the paper's protocol", False: "the paper's protocol"}


def line(runs, source=None, leaves=None):
    """Epochs, data, seeds, stack and protocol of runs, as one sentence.

    source: of the data, as in the config; leaves: whether the runs leave the paper's
    protocol, None where the paper has none for them. «exp1: 3 epochs on mnist;
    made-up data (source: sample); seeds 0, 1; stack reference; not the paper's
    protocol.»
    """
    there = [run for run in runs if run.epochs is not None or run.test is not None]
    if not there:
        return "Made before any run was there."
    experiments = {}
    for run in there:
        experiments.setdefault(run.experiment, []).append(run)
    parts = [_experiment(name, group) for name, group in experiments.items()]
    seeds = sorted({run.seed for run in there})
    stacks = dict.fromkeys(run.stack for run in there)
    parts += [SOURCES[source]] if source in SOURCES else []
    parts.append(_several("seed", seeds))
    parts.append(_several("stack", stacks))
    parts += [PROTOCOL[leaves]] if leaves is not None else []
    return f"{'; '.join(parts)}."


def _experiment(name, group):
    done = sorted({len(run.epochs) for run in group if run.epochs is not None})
    data = dict.fromkeys(filter(None, map(_dataset, group)))
    words = _several("epoch", done, first=False) if done else "no training"
    return f"{name}: {words} on {' and '.join(data)}" if data else f"{name}: {words}"


def _dataset(run):
    config = (run.info or {}).get("config")
    if not isinstance(config, dict) or not config.get("dataset"):
        return None
    part = part_of_data(config)
    return f"{config['dataset']} ({part})" if part else config["dataset"]


def part_of_data(config):
    """«at most 2,000 training and 500 test samples» of a run's config; None for all."""
    limits = [
        f"{most:,} {which}"
        for which, key in (("training", "train"), ("test", "test"))
        if (most := config.get(f"max_{key}_samples"))
    ]
    return f"at most {' and '.join(limits)} samples" if limits else None


def _several(noun, values, first=True):
    """«seed 0», «seeds 0, 1»; or «20 epochs», «2, 3 epochs»."""
    values = list(values)
    one = len(values) == 1 and (first or values[0] == 1)
    word, listed = noun if one else f"{noun}s", ", ".join(map(str, values))
    return f"{word} {listed}" if first else f"{listed} {word}"
