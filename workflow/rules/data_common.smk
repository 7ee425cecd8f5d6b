# What the rules of data.smk ask: names of archives, settings of a dataset.
import re

from spikewatt.data import catalogue

RESOURCES = f"resources/{SOURCE}"


def archives_of(wildcards):
    """The archives of a dataset in the order of the catalogue."""
    folder = f"{RESOURCES}/archives/{wildcards.dataset}"
    return [f"{folder}/{file}" for file in catalogue.get(wildcards.dataset).files]


def checksums_of(wildcards):
    """What records that each archive of a dataset was verified."""
    return [f"{archive}.sha256" for archive in archives_of(wildcards)]


def event_settings(wildcards):
    """What the file's name says, for event datasets; images are not prepared anew when it changes."""
    if catalogue.get(wildcards.dataset).kind != "events":
        return {"settings": {}, "preparation": "spikewatt"}
    settings = prepared.event_settings(config, wildcards.events)
    return {"settings": settings, "preparation": config["preparation"]}


def prepare_threads(wildcards):
    """Recordings are converted on several cores; images need one."""
    return 8 if catalogue.get(wildcards.dataset).kind == "events" else 1


def checksum_of(wildcards):
    """The config's checksum of an archive that is not the official one, or None."""
    return config["checksums"].get(wildcards.dataset, {}).get(wildcards.file)
