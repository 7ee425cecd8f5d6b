"""Snakemake's command line, for a reader to repeat."""

import shlex
from pathlib import Path


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
