"""The config, checked as a whole before any job starts."""

from pathlib import Path

import jsonschema
import yaml

from spikewatt.data.catalogue import DATASETS
from spikewatt.network.describe import describe

SCHEMA = Path("workflow") / "schemas" / "config.schema.yaml"


class ConfigError(ValueError):
    """A key of the config is wrong; the message names it and says what is allowed."""


def checked(config, project):
    """Return `config` if it is sound, its keys in the order of config.yaml.

    `project` is the folder that holds the Snakefile. The order matters, since the
    first network of an experiment is compared with the second, and Snakemake puts the
    keys of an overlay first. Raises `ConfigError`, naming for
    each wrong key the key, the value and what is allowed.
    """
    schema = yaml.safe_load((project / SCHEMA).read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    wrong = [sentence(error) for error in validator.iter_errors(config)]
    if not wrong:
        wrong = list(cross_checks(config))
    if wrong:
        raise ConfigError("the config is not sound:\n  " + "\n  ".join(sorted(wrong)))
    protocol = yaml.safe_load((project / "config.yaml").read_text(encoding="utf-8"))
    return in_order(config, protocol)


def in_order(config, protocol):
    """`config` with the keys that `protocol` has first, in its order, at all depths."""
    if not isinstance(config, dict) or not isinstance(protocol, dict):
        return config
    first = [key for key in protocol if key in config]
    rest = [key for key in config if key not in protocol]
    return {key: in_order(config[key], protocol.get(key)) for key in (*first, *rest)}


def sentence(error):
    """One line on a schema error: key, value, what is allowed, what the key is for."""
    if error.validator == "oneOf" and error.context:
        error = jsonschema.exceptions.best_match([error])
    key = ".".join(str(part) for part in error.absolute_path) or "(top level)"
    about = error.schema.get("description", "")
    if error.validator == "additionalProperties":
        known = ", ".join([*error.schema.get("properties", {})]) or "(see the schema)"
        return f"{key}: {error.message}; known keys: {known}"
    if error.validator == "required":
        return f"{key}: {error.message}"
    allowed = f"{error.validator}: {error.validator_value}"
    return f"{key}: {error.instance!r} is not allowed ({allowed}). {about}"


def cross_checks(config):
    """What the schema cannot see: keys that depend on one another."""
    if config["source"] == "local" and not config["archives"]:
        yield (
            "archives: source local needs the folder that holds the archives, as "
            "--config source=local archives=FOLDER"
        )
    for key in ("mirrors", "checksums"):
        for name in sorted(config[key].keys() - DATASETS.keys()):
            yield f"{key}.{name}: no such dataset; known: {', '.join(DATASETS)}"
    for experiment, setting in config["experiments"].items():
        for name, network in setting["networks"].items():
            place = f"experiments.{experiment}.networks.{name}"
            yield from network_checks(config, network, place)


def network_checks(config, network, place):
    """What is wrong with one network of the config, a sentence each."""
    datasets, architectures = DATASETS, config["architectures"]
    if network["dataset"] not in datasets:
        known = ", ".join(datasets)
        yield f"{place}.dataset: {network['dataset']!r} is not defined; known: {known}"
        return
    if network["architecture"] not in architectures:
        yield (
            f"{place}.architecture: {network['architecture']!r} is not defined; "
            f"known: {', '.join(architectures)}"
        )
        return
    dataset = datasets[network["dataset"]]
    yield from spike_checks(network, dataset.kind == "events", place)
    yield from shape_checks(network, dataset, architectures, place)


def spike_checks(network, events, place):
    """Whether encoding, steps and resize fit the data and the neuron."""
    encoded = network["neuron"] == "lif" and not events
    for key in ("encoding", "steps"):
        if encoded and key not in network:
            yield f"{place}.{key}: missing; images need it to become spikes"
        if not encoded and key in network:
            yield f"{place}.{key}: only for images that a lif network sees; remove it"
    if events and network["neuron"] == "relu":
        yield f"{place}.neuron: relu cannot take event data; use lif"
    if events and "resize" in network:
        yield f"{place}.resize: only for images; remove it"


def shape_checks(network, dataset, architectures, place):
    """Whether the layers fit the input and give one output per class."""
    channels, *edges = dataset.shape
    if "resize" in network:
        edges = [network["resize"]] * 2
    layers = architectures[network["architecture"]]
    try:
        last = describe(layers, (channels, *edges), network["neuron"])[-1]
    except ValueError as error:
        yield f"{place}.architecture: {error}"
        return
    if last.out_shape != (len(dataset.classes),):
        yield (
            f"{place}.architecture: gives {last.out_shape} outputs, but "
            f"{network['dataset']} has {len(dataset.classes)} classes"
        )
