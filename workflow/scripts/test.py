"""Test one trained network: its row, predictions, firing rates and telemetry."""

from pathlib import Path

from spikewatt.compute import process
from spikewatt.meter import devices
from spikewatt.train import finished
from spikewatt.workflow.scripting import logged


def main(snakemake):
    with logged(snakemake) as log:
        params, wildcards = snakemake.params, snakemake.wildcards
        model = Path(snakemake.input.model)
        # That this job runs says that Snakemake has accepted the training's files.
        finished.release(params.checkpoints, model.parent)
        process.configure(wildcards.stack, params.plan)
        # From the config, unwatched, as in train.py.
        config = snakemake.config
        name = f"{params.plan['experiment']}/{params.plan['network']}"
        name += f"/{wildcards.stack}/seed{wildcards.seed}"
        asked = {"what": f"testing {name}", "wait": config["wait"]}
        with devices.taken(config["device"], log, **asked) as taken:
            # these load torch, which sees the GPU that was taken alone
            from spikewatt.train import testing
            from spikewatt.train.machine import Conditions, device_uuid, pick_device

            measured_jobs = snakemake.resources.get("measured_jobs", 1)
            conditions = Conditions.of_config(config, measured_jobs)
            device = pick_device(conditions.device)
            with taken.confirmed(str(device), device_uuid(device)) as lock:
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
