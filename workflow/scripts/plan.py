"""Say how many runs there are and what they take; nothing is trained."""

import shutil
import tempfile
import time
from pathlib import Path

from spikewatt.data import arrays, made_up, sizes
from spikewatt.data.catalogue import DATASETS
from spikewatt.workflow import demands
from spikewatt.workflow.scripting import logged


def main(snakemake):
    started = time.monotonic()
    params, config = snakemake.params, snakemake.config
    with logged(snakemake) as log:
        # these load torch
        from spikewatt.train import forecast, timed
        from spikewatt.train.machine import Conditions

        start = time.monotonic() - started
        conditions = Conditions(config["device"], config["threads"], "prepared")
        timings, rows, told = {}, [], []
        for one in params.networks:
            plan, stack = one["plan"], one["stack"]
            key, size = forecast.cost_key(plan, stack), sized(one, params.sample)
            if key not in timings:
                log.info("timing %s/%s, %s", one["experiment"], one["network"], stack)
                with tempfile.TemporaryDirectory() as folder:
                    made = timed.timed(plan, stack, size, conditions, folder)
                timings[key] = made
            cold = stack == "reference" and plan["meter"]["first_epoch"] == "cold"
            found = forecast.needs(plan, timings[key], size, start, cold)
            names = [one[name] for name in ("experiment", "network", "stack")]
            rows.append(forecast.Forecast(*names, one["runs"], one["done"], found))
            told.append(("/".join(names), plan, needed(found, timings[key])))
        demands.write(params.results, told)
        data = still_to_come(params.networks, params.resources, params.sample)
        free = shutil.disk_usage(".").free
        log.info("the plan:\n\n%s\n", "\n".join(forecast.told(rows, data, free)))


def sized(one, sample):
    """The `sizes.Size` of a network's data: as prepared, or as it is known to be."""
    path = Path(one["dataset"])
    if path.exists():
        return made_up.like(arrays.load(path))
    dataset = DATASETS[one["plan"]["dataset"]]
    return sizes.published(dataset, one["plan"]["events"], **sample)


def needed(found, timing):
    """What a cluster is to be asked for, as `demands` keeps it."""
    return {
        "training_s": found.training,
        "testing_s": found.testing,
        "memory_mb": timing.memory_mb or 0,
    }


def still_to_come(networks, resources, sample):
    """Bytes of archives and prepared data that are not there yet."""
    prepared = {one["dataset"]: one for one in networks}
    absent = {path: one for path, one in prepared.items() if not Path(path).exists()}
    sets = {path: DATASETS[one["plan"]["dataset"]] for path, one in absent.items()}
    total = sum(sized(absent[path], sample).bytes(sets[path]) for path in absent)
    if sample:
        return total
    return total + sum(
        archive.size
        for dataset in {one.name: one for one in sets.values()}.values()
        for archive in dataset.archives
        if not Path(resources, "archives", dataset.name, archive.name).exists()
    )


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
