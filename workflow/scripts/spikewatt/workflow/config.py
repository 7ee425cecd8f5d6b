"""The config, checked as a whole before any job starts."""

from pathlib import Path

import jsonschema
import yaml

from spikewatt.workflow import sweeps
from spikewatt.workflow.checks import cross_checks
from spikewatt.workflow.sentences import sentences

SCHEMA = Path("workflow") / "schemas" / "config.schema.yaml"
# libyaml, where there is one, reads ten times faster; every command waits for this.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ConfigError(ValueError):
    """A key of the config is wrong; the message names it and says what is allowed."""


def checked(config, project):
    """Return `config` if it is sound, its keys in the order of config.yaml.

    `project` is the folder that holds the Snakefile. The order matters, since the
    first network of an experiment is the one that others are compared with, and
    Snakemake puts the keys of an overlay first. Experiments and networks that are
    null, with which an overlay drops them, are left out, and sweeps are networks like
    any others (see `sweeps`). Raises `ConfigError`, naming
    for each wrong key the key, the value and what is allowed.
    """
    config = without_dropped(config)
    schema = _read(project / SCHEMA)
    validator = jsonschema.Draft202012Validator(schema)
    wrong = [
        line for error in validator.iter_errors(config) for line in sentences(error)
    ]
    if not wrong:
        config, wrong = sweeps.expanded(config)
    if not wrong:
        longest = schema["$defs"]["network"]["properties"]["label"]["maxLength"]
        wrong = sweeps.joined(cross_checks(config), config)
        wrong += sweeps.label_checks(config, longest)
    if wrong:
        raise ConfigError("the config is not sound:\n  " + "\n  ".join(sorted(wrong)))
    protocol = _read(project / "config.yaml")
    return in_order(sweeps.without_twins(config), protocol)


def _read(path):
    return yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)


def naming(experiment, files):
    """Those of the config files `files` that hold an experiment of that name."""
    return [file for file in files if experiment in _experiments(file)]


def _experiments(file):
    """The experiments of a config file; none of what is no config."""
    try:
        told = _read(file)
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    found = told.get("experiments") if isinstance(told, dict) else None
    return _present(found) if isinstance(found, dict) else {}


def without_dropped(config):
    """`config` without the experiments, networks and sweeps that are null."""
    experiments = config.get("experiments")
    if not isinstance(experiments, dict):
        return config
    kept = {name: _kept(setting) for name, setting in _present(experiments).items()}
    return {**config, "experiments": kept}


def _kept(setting):
    """An experiment's mapping without what is null in it, if it is one."""
    if not isinstance(setting, dict):
        return setting
    return {
        key: _present(value)
        if key in ("networks", sweeps.ASKED) and isinstance(value, dict)
        else value
        for key, value in setting.items()
        if key != sweeps.ASKED or value is not None
    }


def _present(mapping):
    return {key: value for key, value in mapping.items() if value is not None}


def in_order(config, protocol):
    """`config` with the keys that `protocol` has first, in its order, at all depths."""
    if not isinstance(config, dict) or not isinstance(protocol, dict):
        return config
    first = [key for key in protocol if key in config]
    rest = [key for key in config if key not in protocol]
    return {key: in_order(config[key], protocol.get(key)) for key in (*first, *rest)}
