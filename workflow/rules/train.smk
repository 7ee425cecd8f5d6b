# Training and testing: the measured jobs. Only one at a time: `gpu: 1` of
# profiles/default keeps one Snakemake process to it, a lock on the device keeps
# several apart. They claim all cores, so that no figure is drawn beside them; how many
# threads they compute with is the config's `threads`. With --resources gpu=8 on a
# machine with eight GPUs, eight run side by side, each on the one that it locks.

RUN = f"{RESULTS}/runs/{{experiment}}/{{network}}/{{stack}}/seed{{seed}}"
RUN_LOG = f"{RESULTS}/logs/{{experiment}}_{{network}}_{{stack}}_seed{{seed}}"
# Undeclared on purpose: declared outputs are deleted when a job starts. Beside it lies
# what a training has finished, until Snakemake has accepted it (`train.finished`).
CHECKPOINTS = f"{RESULTS}/checkpoints/{{experiment}}/{{network}}/{{stack}}/seed{{seed}}"


rule train:
    """Train one network with one seed; keep its best weights and a row per epoch."""
    input:
        dataset=dataset_of,
        source=source_of,
    output:
        epochs=f"{RUN}/epochs.csv",
        telemetry=f"{RUN}/telemetry.csv",
        model=f"{RUN}/model.safetensors",
        facts=f"{RUN}/run.json",
    log:
        f"{RUN_LOG}_train.log",
    conda:
        "../../envs/train.yaml"
    threads: measured_cores
    resources:
        gpu=measured_gpus,
        measured_jobs=measured_jobs,
        mem_mb=run_memory,
        runtime=run_minutes("training"),
    params:
        code=run_digest("train.py"),
        plan=plan_of,
        checkpoints=CHECKPOINTS,
    message:
        "Training {wildcards.experiment}/{wildcards.network}"
        " ({wildcards.stack} stack, seed {wildcards.seed})"
    script:
        "../scripts/train.py"


rule test:
    """Test a trained network on the test set: its row of Table II."""
    input:
        dataset=dataset_of,
        model=f"{RUN}/model.safetensors",
        trained=f"{RUN}/run.json",
    output:
        row=f"{RUN}/test.csv",
        predictions=f"{RUN}/predictions.csv",
        firing=f"{RUN}/firing_rates.csv",
        anytime=f"{RUN}/anytime.csv",
        exits=f"{RUN}/early_exit.csv",
        operations=f"{RUN}/operations.csv",
        inference=f"{RUN}/inference.csv",
        telemetry=f"{RUN}/test_telemetry.csv",
        facts=f"{RUN}/test.json",
    log:
        f"{RUN_LOG}_test.log",
    conda:
        "../../envs/train.yaml"
    threads: measured_cores
    resources:
        gpu=measured_gpus,
        measured_jobs=measured_jobs,
        mem_mb=run_memory,
        runtime=run_minutes("testing"),
    params:
        code=run_digest("test.py"),
        plan=plan_of,
        checkpoints=CHECKPOINTS,
        # No part of the plan: it is none of what makes a training.
        single_samples=config["meter"]["single_samples"],
    message:
        "Testing {wildcards.experiment}/{wildcards.network}"
        " ({wildcards.stack} stack, seed {wildcards.seed})"
    script:
        "../scripts/test.py"
