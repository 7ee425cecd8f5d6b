# What a config comes to: how many runs, and about how long they take. Nothing is
# trained, and nothing is made, so that it runs each time it is asked for.


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
