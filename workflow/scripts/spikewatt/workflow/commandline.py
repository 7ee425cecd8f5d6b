"""Snakemake's command line: the values given there, and how to repeat it."""

import argparse
import re
import shlex
from pathlib import Path

import yaml

# What Snakemake writes into its log when it is told to stop, by Ctrl-C and by SIGTERM.
INTERRUPTED = (
    "Terminating processes on user request",
    "Will exit after finishing currently running jobs",
)
SCIENTIFIC = re.compile(r"[+-]?\d+(\.\d*)?[eE][+-]?\d+")


def typed(value):
    """A value of `--config` with its types, as it would be read from a config file.

    Snakemake leaves what stands inside lists and dicts, and «true», as text.
    """
    if isinstance(value, dict):
        return {key: typed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [typed(inner) for inner in value]
    if not isinstance(value, str):
        return value
    if SCIENTIFIC.fullmatch(value):  # YAML takes «1e-3» for text
        return float(value)
    try:
        scalar = yaml.safe_load(value)
    except yaml.YAMLError:
        return value
    return value if isinstance(scalar, dict | list) else scalar


def retyped(config, given):
    """`config` with what came from the command line's `given` as `typed` has it.

    That may be any part of it at any depth, and `config` any part of `given`, as what
    a workflow passes to a module; what else was put there has its types already.
    """
    for part in _mappings(given):
        config = _retyped(config, part)
    return config


def _mappings(given):
    """`given` and all mappings in it."""
    if isinstance(given, dict):
        yield given
        for value in given.values():
            yield from _mappings(value)


def _retyped(config, given):
    if config == given:
        return typed(given)
    if not isinstance(config, dict) or not isinstance(given, dict):
        return config
    return {
        key: _retyped(value, given[key]) if key in given else value
        for key, value in config.items()
    }


def snakemake_command(
    configfiles=(),
    settings=None,
    cores=1,
    cluster=(),
    profile=None,
    snakefile=None,
    directory=None,
    started_in=None,
    targets=(),
):
    """The command that starts Snakemake with these config files and settings.

    Paths are shown relative to `started_in`, the folder that the command is for (by
    default the working folder), where they lie in it. configfiles: paths; settings:
    what stood behind `--config`, as a dict; cores: None where there was no `--cores`,
    then `cluster` is the executor and its number of jobs, or `profile` is named, which
    says them; snakefile: named unless Snakemake finds it by itself; directory: that of
    `-d`. `targets` come first, since `--configfile` and `--config` take all words up to
    the next option; more of them may be put behind it, where `--cores`, `--jobs` or the
    profile stands last.
    """
    here = Path(started_in or Path.cwd())
    words = ["snakemake", *targets]
    if snakefile and Path(snakefile).absolute() != here / "Snakefile":
        words += ["--snakefile", _shown(snakefile, here)]
    if directory:
        words += ["--directory", _shown(directory, here)]
    if configfiles:
        words += ["--configfile", *(_shown(path, here) for path in configfiles)]
    if settings:
        words += ["--config", *(f"{key}={value}" for key, value in settings.items())]
    if cores:
        words += ["--cores", str(cores)]
    elif profile:
        words += ["--workflow-profile", profile]
    elif cluster:
        words += ["--executor", cluster[0], "--jobs", str(cluster[1])]
    return shlex.join(words)


def given_profile(arguments):
    """The workflow profile that a command line names, or None."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--workflow-profile")
    return parser.parse_known_args(list(arguments))[0].workflow_profile


def _shown(path, here):
    path = here / path
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def was_interrupted(logs):
    """Whether Snakemake was told to stop, as its log files say."""
    texts = [Path(log).read_text(encoding="utf-8", errors="replace") for log in logs]
    return any(words in text for text in texts for words in INTERRUPTED)
