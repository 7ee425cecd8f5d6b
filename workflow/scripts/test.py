"""Test one trained network: test.csv, predictions.csv, telemetry and test.json."""

from pathlib import Path

from spikewatt.compute import process
from spikewatt.workflow.scripting import logged


def main(snakemake):
    with logged(snakemake) as log:
        plan, wildcards = snakemake.params.plan, snakemake.wildcards
        process.settle(wildcards.stack, plan)
        # these load torch
        from spikewatt.meter import device_lock
        from spikewatt.train import testing
        from spikewatt.train.machine import Conditions, device_uuid, pick_device

        # From the config, unwatched, as in train.py.
        config = snakemake.config
        conditions = Conditions(config["device"], config["threads"])
        device = pick_device(conditions.device)
        with device_lock(str(device), log, uuid=device_uuid(device)):
            testing.test(
                plan,
                snakemake.input.dataset,
                wildcards.stack,
                int(wildcards.seed),
                snakemake.input.model,
                Path(snakemake.output.facts).parent,
                conditions,
            )


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
