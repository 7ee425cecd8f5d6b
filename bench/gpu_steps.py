"""The steps of `make gpu`: what each runs, and about how long it takes on a card."""

import os
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
BENCH, TESTS, MARK = ROOT / "bench", ROOT / "tests" / "unit", "pytest.mark.gpu"
SETS = ("mnist", "cifar10", "nmnist")
SMALL_S = 10  # of a step of a rehearsal
# Tests of the card that a rehearsal runs.
SOME = "triton or int8 or step_in_float32 and exp1"
# Of experiment 1's tables, those that a card adds something to.
TABLES = ("table1", "table2", "ratios", "claims", "stacks")


@dataclass(frozen=True)
class Step:
    """A command, which is not repeated once it has its result."""

    name: str
    title: str
    command: list
    expected_s: float
    environment: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """What is measured where.

    folder: the working folder, with resources/ and results/gpu/; archives: a folder
    with MNIST's official archives, None downloads them; rehearse: tiny settings, the
    CPU in the place of the card.
    """

    folder: Path
    archives: str | None = None
    rehearse: bool = False

    @property
    def out(self):
        return self.folder / "results" / "gpu"


def steps(asked):
    """All steps, those that need least first."""
    found = [
        _data(asked),
        _measuring(asked, "readings", "what NVML offers", 40, (2.5, 0.25)),
        _measuring(asked, "energy", "counter and integral", 55, (10, 0.5)),
        _cost(asked),
        _equal(asked),
        _experiment(asked),
        *(_stacks(asked, name) for name in networks(asked)),
        *(_precisions(asked, name) for name in networks(asked)),
        _kills(asked),
    ]
    return [replace(s, expected_s=SMALL_S) if asked.rehearse else s for s in found]


def networks(asked):
    """`experiment/network` of those that are timed."""
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    names = [
        f"{experiment}/{network}"
        for experiment, setting in yaml.safe_load(text)["experiments"].items()
        for network in setting["networks"]
    ]
    return ["exp1/snn"] if asked.rehearse else names


def part_of(asked, what, network):
    """The folder of a network's own part of a table."""
    return asked.out / what / network.replace("/", "-")


def _python(script, *words):
    return _words([sys.executable, BENCH / script, *words])


def _words(command):
    return [str(word) for word in command]


def _data(asked):
    names = ("mnist",) if asked.rehearse else SETS
    targets = [f"resources/sample/datasets/{name}.safetensors" for name in names]
    small = ["sample={train: 256, test: 32}"] if asked.rehearse else []
    command = _snakemake(asked, [], targets, ["source=sample", *small])
    return Step("data", "made-up data of the paper's shapes", command, 30)


def _measuring(asked, name, title, expected_s, seconds):
    words = ["--out", asked.out, "--seconds", seconds[asked.rehearse]]
    command = _python(f"gpu_{name}.py", *words)
    return Step(name, title, command, expected_s)


def _cost(asked):
    small = ["--fake", "--pairs", 3, "--seconds", 0.05, "--share", 1]
    words = small if asked.rehearse else ["--pairs", 100]
    command = _python("meter_cost.py", "--out", asked.out, *words)
    return Step("cost", "what the meter costs", command, 40)


def _equal(asked):
    files = [p for p in TESTS.rglob("test_*.py") if MARK in p.read_text("utf-8")]
    command = [sys.executable, "-m", "pytest", "-q", "-m", "gpu", *sorted(files)]
    command += ["-o", "junit_family=xunit1", f"--junitxml={asked.out / 'equal.xml'}"]
    card = {"SPIKEWATT_CARD": "cpu", "TRITON_INTERPRET": "1"} if asked.rehearse else {}
    command += ["-k", SOME] if asked.rehearse else []
    return Step("equal", "the card against the CPU", _words(command), 45, card)


def _experiment(asked):
    names = TABLES[-1:] if asked.rehearse else TABLES
    targets = [f"tables/{name}.md" for name in names]
    command = _of_experiment_1(asked, "workflow", targets)
    return Step("exp1", "experiment 1 in full, both stacks", command, 300)


def _kills(asked):
    where = ["--killed", asked.out / "killed", "--whole", asked.out / "workflow"]
    run = "runs/exp1/snn/fast/seed0/test.csv"
    command = _of_experiment_1(asked, "killed", [run])
    words = [*where, "--out", asked.out, "--", *command]
    title = "a training that is killed and goes on"
    return Step("kills", title, _python("gpu_kills.py", *words), 60)


def _of_experiment_1(asked, folder, names):
    """Snakemake's command for some files of experiment 1 below results/gpu/<folder>."""
    overlays = [ROOT / "config" / "gpu.yaml"]
    results = asked.out.relative_to(asked.folder) / folder
    targets = [results / name for name in names]
    settings = [f"results={results}"]
    if asked.rehearse:
        overlays.insert(0, ROOT / "config" / "smoke.yaml")
        settings += ["source=sample", "sample={train: 256, test: 32}", "device=cpu"]
        # Epochs enough for the kills to come in the middle.
        settings += ["stacks=[fast]", "experiments={exp1: {epochs: 12}}"]
        settings += ["meter={idle_s: 0, single_samples: 2, warmup_batches: 1}"]
    elif asked.archives:
        settings += ["source=local", f"archives={asked.archives}"]
    return _snakemake(asked, overlays, targets, settings)


def _snakemake(asked, overlays, targets, settings):
    """Snakemake's command, without its lock on the folder.

    A killed one would leave that behind; the device's lock keeps others away.
    """
    start = [sys.executable, "-m", "snakemake", "-s", ROOT / "Snakefile", "--nolock"]
    start += ["-d", asked.folder, "--cores", os.cpu_count() or 1]
    files = ["--configfile", *overlays] if overlays else []
    return _words([*start, *targets, *files, "--config", *settings])


def _stacks(asked, network):
    small = ["--repeats", 1, "--seconds", 1, "--device", "cpu"]
    words = small if asked.rehearse else ["--seconds", 5]
    title = f"both stacks: {network}"
    return _of_network(asked, "stacks", network, title, 30, words)


def _precisions(asked, network):
    small = ["--repeats", 1, "--device", "cpu"]
    words = small if asked.rehearse else ["--repeats", 4]
    title = f"precisions of the fast stack: {network}"
    return _of_network(asked, "precisions", network, title, 15, words)


def _of_network(asked, what, network, title, expected_s, words):
    where = part_of(asked, what, network)
    data = asked.folder / "resources" / "sample" / "datasets"
    common = ["--datasets", data, "--out", where, "--networks", network]
    command = _python(f"{what}.py", *common, *words)
    return Step(f"{what}-{where.name}", title, command, expected_s)
