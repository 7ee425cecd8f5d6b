"""Snakemake's command line: the values given there, and how to repeat it."""

import re
import shlex
from pathlib import Path

import yaml

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


def snakemake_command(configfiles=(), settings=None, cores=1):
    """The command that starts Snakemake with these config files and settings.

    configfiles: paths, shown relative to the working folder where they lie in it;
    settings: what stood behind `--config`, as a dict. Targets may be put behind it:
    `--cores` comes last, since the other options take all words up to the next one.
    """
    words = ["snakemake"]
    if configfiles:
        words += ["--configfile", *map(_shown, configfiles)]
    if settings:
        words += ["--config", *(f"{key}={value}" for key, value in settings.items())]
    return shlex.join([*words, "--cores", str(cores)])


def _shown(path):
    path, here = Path(path).absolute(), Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
