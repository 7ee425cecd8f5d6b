"""Sample data as the workflow lays it out: archives, and what is prepared of them."""

from spikewatt.data import catalogue, prepare, sample

EVENTS = {"filter_time_us": 10_000, "bin_us": 20_000}
SAMPLE = {"train": 60, "test": 20, "seed": 0}


def make(resources, name, events=EVENTS, **changes):
    """Make and prepare sample data of a data set; returns the path of its arrays.

    resources: the folder that gets `archives/<name>` and `datasets`; changes: of the
    number of samples.
    """
    archives = resources / "archives" / name
    archives.mkdir(parents=True)
    for file in catalogue.get(name).files:
        sample.make(name, file, archives / file, **SAMPLE | changes)
    (resources / "datasets").mkdir(exist_ok=True)
    prepared = resources / "datasets" / f"{name}.safetensors"
    prepare.prepare(name, archives, prepared, events)
    return prepared
