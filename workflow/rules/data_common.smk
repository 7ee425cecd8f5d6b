# What the rules of data.smk ask: names of archives, settings of a dataset.
import re

from types import SimpleNamespace
from spikewatt.data import catalogue, layouts

RESOURCES = f"resources/{SOURCE}"


def archives_of(wildcards):
    """The archives of a dataset in the order of the catalogue."""
    folder = f"{RESOURCES}/archives/{wildcards.dataset}"
    return [f"{folder}/{file}" for file in catalogue.get(wildcards.dataset).files]


def checksums_of(wildcards):
    """What records that each archive of a dataset was verified."""
    return [f"{archive}.sha256" for archive in archives_of(wildcards)]


def local_archive_file(wildcards):
    """Where the user's folder has an archive: its own layout, torchvision's or tonic's.

    Taken once, an archive is not taken again because it lies elsewhere, is newer or is
    gone: its checksum is what makes it. Snakemake records it as <dataset>/<file>.
    """
    dataset, file = wildcards.dataset, wildcards.file
    asked = dataset, file, config["archives"], not checksum_of(wildcards)
    present = layouts.present(*asked)
    if not present and not Path(f"{RESOURCES}/archives/{dataset}/{file}").exists():
        raise WorkflowError(missing_archives(dataset))
    first = (present or layouts.candidates(*asked))[0]
    return ancient(sourcecache_entry(str(first.path), f"{dataset}/{file}"))


def missing_archives(dataset):
    """One sentence on all archives of a dataset that are still to be had."""
    folder, given = config["archives"], config["checksums"].get(dataset, {})
    files = [
        file
        for file in catalogue.get(dataset).files
        if not layouts.present(dataset, file, folder, file not in given)
    ]
    return layouts.missing(dataset, files, folder, not given)


def data_files():
    """The prepared data sets that the config's experiments use."""
    return sorted({dataset_of(SimpleNamespace(**run)) for run in expected_runs()})


def event_settings(wildcards):
    """What the file's name says, for event datasets; images are not prepared anew when it changes."""
    if catalogue.get(wildcards.dataset).kind != "events":
        return {"settings": {}, "preparation": "spikewatt"}
    settings = prepared.event_settings(config, wildcards.dataset, wildcards.events)
    return {"settings": settings, "preparation": config["preparation"]}


def prepare_threads(wildcards):
    """Recordings are converted on several cores; images need one.

    On one machine Snakemake gives no more than there are; on a cluster as many as the
    config lets a job have.
    """
    if catalogue.get(wildcards.dataset).kind != "events":
        return 1
    return cores_of_a_node() if on_cluster() else MOST_CORES


def checksum_of(wildcards):
    """The config's checksum of an archive that is not the official one, or None."""
    return config["checksums"].get(wildcards.dataset, {}).get(wildcards.file)
