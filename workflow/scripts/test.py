"""Test one trained network: its row, predictions, firing rates and telemetry."""

from pathlib import Path

from spikewatt.compute import process
from spikewatt.train import finished
from spikewatt.workflow.scripting import logged


def main(snakemake):
    with logged(snakemake) as log:
        params, wildcards = snakemake.params, snakemake.wildcards
        model = Path(snakemake.input.model)
        # That this job runs says that Snakemake has accepted the training's files.
        finished.release(params.checkpoints, model.parent)
        process.configure(wildcards.stack, params.plan)
        # these load torch
        from spikewatt.meter import device_lock
        from spikewatt.train import testing
        from spikewatt.train.machine import Conditions, device_uuid, pick_device

        # From the config, unwatched, as in train.py.
        config = snakemake.config
        conditions = Conditions(config["device"], config["threads"], config["loading"])
        device = pick_device(conditions.device)
        name = f"{params.plan['experiment']}/{params.plan['network']}"
        name += f"/{wildcards.stack}/seed{wildcards.seed}"
        asked = {"what": f"testing {name}", "wait": config["wait"]}
        with device_lock(str(device), log, device_uuid(device), **asked) as lock:
            testing.test(
                params.plan,
                snakemake.input.dataset,
                wildcards.stack,
                int(wildcards.seed),
                params.code,
                model,
                Path(snakemake.output.facts).parent,
                conditions,
                params.checkpoints,
                lock.beside,
                params.single_samples,
            )


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
