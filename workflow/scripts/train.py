"""Train one network: weights, epochs.csv, telemetry and run.json."""

from pathlib import Path

from spikewatt.compute import process
from spikewatt.data import arrays
from spikewatt.files import contents
from spikewatt.train import finished
from spikewatt.train.identity import Identity
from spikewatt.workflow.scripting import logged


def main(snakemake):
    with logged(snakemake) as log:
        params, dataset = snakemake.params, snakemake.input.dataset
        stack, seed = snakemake.wildcards.stack, int(snakemake.wildcards.seed)
        folder = Path(snakemake.output.facts).parent
        source = weights = None
        if params.plan["from"]:
            model = Path(snakemake.input.source[0])
            source, weights = model.parent, contents.sha256(model)
        data = arrays.digest(dataset)
        run = Identity(params.plan, stack, seed, params.code, data, weights)
        with finished.lock(params.checkpoints, run.name):
            if finished.take_up(params.checkpoints, folder, run.digest):
                return
        process.configure(stack, params.plan)
        # these load torch
        from spikewatt.meter import device_lock
        from spikewatt.tracking import open_tracker
        from spikewatt.train.conversion import made
        from spikewatt.train.machine import Conditions, device_uuid

        # From the config, which Snakemake does not watch, and not from params: what a
        # run is computed on, and where a copy of its numbers goes, is no part of what
        # makes it, and must not retrain.
        config = snakemake.config
        tracker = open_tracker(
            config["tracking"], config["results"], params.plan, stack, seed
        )
        training = made(
            params.plan,
            dataset,
            stack,
            seed,
            params.code,
            params.checkpoints,
            Conditions(config["device"], config["threads"], config["loading"]),
            tracker,
            source=source,
        )
        device = training.setup.device
        asked = {"what": f"training {run.name}", "wait": config["wait"]}
        with device_lock(str(device), log, device_uuid(device), **asked) as lock:
            training.run(folder, lock.beside)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
