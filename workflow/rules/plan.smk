# What a config comes to: how many runs, and about how long they take. Nothing is
# trained, and nothing is made, so that it runs each time it is asked for.


def planned_networks(wildcards):
    """Each network and stack: its settings, its data, its runs and how many are there.

    A function, so that it is asked for the job alone.
    """
    return [
        {
            "experiment": experiment,
            "network": network,
            "stack": stack,
            "plan": run_plan(config, experiment, network, stack),
            "dataset": prepared_path(EXPERIMENTS[experiment]["networks"][network]),
            "runs": len(config["seeds"]),
            "done": sum(
                Path(run["folder"], RUN_FILES[-1]).exists()
                for run in expected_runs([experiment], [stack], [network])
            ),
        }
        for experiment, network in NETWORKS
        for stack in config["stacks"]
    ]


rule plan:
    """How many runs there are, and the time and disk that they take: an estimate."""
    log:
        f"{RESULTS}/logs/plan.log",
    conda:
        "../../envs/train.yaml"
    threads: measured_cores
    resources:
        gpu=1,
    params:
        networks=planned_networks,
        resources=RESOURCES,
        sample=(
            {k: config["sample"][k] for k in ("train", "test")}
            if SOURCE == "sample"
            else {}
        ),
    message:
        "Timing a few batches of each network"
    script:
        "../scripts/plan.py"
