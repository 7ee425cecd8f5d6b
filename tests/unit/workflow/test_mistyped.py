"""Command lines that Snakemake reads otherwise than they were meant."""

import argparse
import shlex

import pytest
from snakemake.cli import parse_config

from spikewatt.workflow.mistyped import NO_VALUE, explained

MISSING = "FileNotFoundError: [Errno 2] No such file or directory: 'exp1'"


def meant(line, message):
    """The command that the sentence on a command line ends with, as words."""
    sentence = explained(shlex.split(line), message)
    return shlex.split(sentence.rsplit("\n\n    ", 1)[1])


def read(words):
    """What an option with several words makes of a command, as Snakemake has it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--config", "-C", nargs="*", default=[])
    parser.add_argument("--configfile", nargs="+")
    parser.add_argument("--cores")
    found = parser.parse_args(words[1:])
    return found.targets, found.configfile, parse_config(found.config)


@pytest.mark.parametrize(
    ("line", "config"),
    [
        ("--cores 1 --config seeds=[0,1] exp1", {"seeds": ["0", "1"]}),
        ("--config seeds=[0, 1] exp1 --cores 1", {"seeds": ["0", "1"]}),
        (
            "exp1 --cores 1 --config experiments.exp1.epochs=2 "
            "experiments.exp1.title=x seeds=3",
            {"experiments": {"exp1": {"epochs": "2", "title": "x"}}, "seeds": 3},
        ),
        (
            "--cores 1 -C training.batch_size=8 exp1",
            {"training": {"batch_size": "8"}},
        ),
    ],
)
def test_targets_and_dots_after_config(line, config):
    command = meant(line, f"{NO_VALUE}: whatever")
    targets, _, given = read(command)
    assert command[0] == "snakemake" and targets == ["exp1"]
    assert given == config
    assert command.count("1") == 1  # --cores 1 is kept


def test_a_target_after_configfile():
    command = meant("--cores 1 --configfile a.yaml b.yml exp1 exp2/cnn -n", MISSING)
    assert command == shlex.split(
        "snakemake exp1 exp2/cnn --cores 1 --configfile a.yaml b.yml -n"
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("exp1 --configfile missing.yaml", "Config file missing.yaml not found."),
        ("exp1 --configfile a.yaml", "MissingRuleException: no rule"),
        ("exp1 --cores 1", "FileNotFoundError: No such file or directory: 'x'"),
    ],
)
def test_what_snakemake_says_well_stays(line, message):
    assert explained(line.split(), message) is None
