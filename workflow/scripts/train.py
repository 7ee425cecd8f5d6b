"""Train one network: weights, epochs.csv, telemetry and run.json."""

from pathlib import Path

from spikewatt.machine import device_uuid
from spikewatt.meter import device_lock
from spikewatt.scripting import logged
from spikewatt.training import Training


def main(snakemake):
    with logged(snakemake) as log:
        params, wildcards = snakemake.params, snakemake.wildcards
        training = Training(
            params.plan,
            snakemake.input.dataset,
            wildcards.stack,
            int(wildcards.seed),
            params.code,
            params.checkpoints,
        )
        device = training.setup.device
        with device_lock(str(device), log, uuid=device_uuid(device)):
            training.run(Path(snakemake.output.facts).parent)


if "snakemake" in globals():
    main(snakemake)  # noqa: F821
