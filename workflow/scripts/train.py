"""Train one network: weights, epochs.csv, telemetry and run.json."""

from pathlib import Path

from spikewatt.compute import process
from spikewatt.data import arrays
from spikewatt.files import contents
from spikewatt.meter import devices
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
        # From the config, which Snakemake does not watch, and not from params: what a
        # run is computed on, and where a copy of its numbers goes, is no part of what
        # makes it, and must not retrain.
        config = snakemake.config
        asked = {"what": f"training {run.name}", "wait": config["wait"]}
        with devices.taken(config["device"], log, **asked) as taken:
            # these load torch, which sees the GPU that was taken alone
            from spikewatt.tracking import open_tracker
            from spikewatt.train.conversion import made
            from spikewatt.train.machine import Conditions, device_uuid

            tracker = open_tracker(
                config["tracking"], config["results"], params.plan, stack, seed
            )
            measured_jobs = snakemake.resources.get("measured_jobs", 1)
            training = made(
                params.plan,
                dataset,
                stack,
                seed,
                params.code,
                params.checkpoints,
                Conditions.of_config(config, measured_jobs),
                tracker,
                source=source,
            )
            device = training.setup.device
            with taken.confirmed(str(device), device_uuid(device)) as lock:
                training.run(folder, lock.beside)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
