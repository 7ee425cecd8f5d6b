"""Command lines that Snakemake reads otherwise than they were meant.

`--config` and `--configfile` take all words that follow them, a target too, and
`--config` knows no dots. Snakemake then stops with a page on what it made of it; here
that is said in a sentence, with the command that was meant.
"""

import re
import shlex

SUFFIXES = (".yaml", ".yml", ".json")
FILE_OPTIONS, VALUE_OPTIONS = ("--configfile", "--configfiles"), ("--config", "-C")
# What Snakemake says of a config file that is none, and of a `--config` that is none.
NO_FILE = (
    *("not found", "not valid JSON or YAML", "must be given as JSON or YAML"),
    *("No such file", "Is a directory", "codec can't decode"),
)
NO_VALUE = "Invalid config definition"
OPEN, CLOSED = "[{(", "]})"


def explained(words, message):
    """What to say instead of Snakemake's `message`, or None where that is clear.

    words: the command line without the program.
    """
    if NO_VALUE in message:
        return _values(words)
    if any(said in message for said in NO_FILE):
        return _files(words)
    return None


def _files(words):
    """Targets that `--configfile` took for config files."""
    rest, taken = [], []
    for option, word in _with_options(words):
        swallowed = option in FILE_OPTIONS and not word.endswith(SUFFIXES)
        (taken if swallowed else rest).append(word)
    if not taken:
        return None
    return _said("--configfile", "config files", taken, rest)


def _values(words):
    """Targets that `--config` took for values, and keys with dots."""
    given = [word for option, word in _with_options(words) if option in VALUE_OPTIONS]
    values, targets = _joined(given)
    rest = [
        word
        for option, word in _with_options(words)
        if option not in VALUE_OPTIONS and word not in VALUE_OPTIONS
    ]
    rest += ["--config", *_nested(values)]
    dotted = [value for value in values if "." in value.partition("=")[0]]
    if dotted:
        return (
            f"{dotted[0]}: --config knows no dots in a key; what lies inside another "
            "key is written in braces. This is what was meant:\n\n    "
            + _command(targets, rest)
        )
    if targets:
        return _said("--config", "key=value pairs", targets, rest)
    if values != given:
        return (
            "a value with spaces needs quotes. This is what was meant:\n\n    "
            + _command([], rest)
        )
    return None


def _said(option, what, taken, rest):
    return (
        f"{', '.join(taken)}: {option} takes all words that follow it for {what}, a "
        "target too. Put targets first. This is what was meant:\n\n    "
        + _command(taken, rest)
    )


def _command(targets, rest):
    return shlex.join(["snakemake", *targets, *rest])


def _with_options(words):
    """(the option that a word belongs to, the word); an option belongs to none."""
    option = None
    for word in words:
        if word.startswith("-"):
            option = word
            yield None, word
        else:
            yield option, word


def _joined(given):
    """(values, targets): «seeds=[0,» and «1]» are one value, «exp1» is a target."""
    values, targets = [], []
    for word in given:
        if values and _depth(values[-1]) > 0:
            values[-1] += f" {word}"
        elif re.match(r"[\w.-]+=", word):
            values.append(word)
        else:
            targets.append(word)
    return values, targets


def _depth(text):
    return sum((sign in OPEN) - (sign in CLOSED) for sign in text)


def _nested(values):
    """«experiments.exp1.epochs=2» as «experiments={exp1: {epochs: 2}}», keys merged."""
    tree = {}
    for value in values:
        key, _, text = value.partition("=")
        *outer, last = key.split(".")
        inner = tree
        for part in outer:
            inner = inner.setdefault(part, {})
        inner[last] = text
    return [f"{key}={_flow(value)}" for key, value in tree.items()]


def _flow(value):
    """A tree as YAML on one line; leaves stay as they were typed."""
    if not isinstance(value, dict):
        return value
    return (
        "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"
    )
