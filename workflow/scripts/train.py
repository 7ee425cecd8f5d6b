"""Train one network: weights, epochs.csv, telemetry and run.json."""

from pathlib import Path

from spikewatt.compute import process
from spikewatt.workflow.scripting import logged


def main(snakemake):
    with logged(snakemake) as log:
        params, config = snakemake.params, snakemake.config
        stack, seed = snakemake.wildcards.stack, int(snakemake.wildcards.seed)
        process.settle(stack, params.plan)
        # these load torch
        from spikewatt.meter import device_lock
        from spikewatt.tracking import open_tracker
        from spikewatt.train.machine import Conditions, device_uuid
        from spikewatt.train.training import Training

        # From the config, which Snakemake does not watch, and not from params: where
        # a copy of the numbers goes changes no result, and must not retrain.
        tracker = open_tracker(
            config["tracking"], config["results"], params.plan, stack, seed
        )
        training = Training(
            params.plan,
            snakemake.input.dataset,
            stack,
            seed,
            params.code,
            params.checkpoints,
            Conditions(config["device"], config["threads"]),
            tracker,
        )
        device = training.setup.device
        with device_lock(str(device), log, uuid=device_uuid(device)):
            training.run(Path(snakemake.output.facts).parent)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
