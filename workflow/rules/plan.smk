# What a config comes to: how many runs, and about how long they take. Nothing is
# trained, and nothing is declared, so that it runs each time it is asked for. What it
# finds is what a cluster is asked for from then on (`demands`).


rule plan:
    """How many runs there are, and the time and disk that they take: an estimate."""
    log:
        f"{RESULTS}/logs/plan.log",
    conda:
        "../../envs/train.yaml"
    threads: measured_cores
    resources:
        gpu=measured_gpus,
        mem_mb=planned_memory,
    params:
        networks=planned_networks,
        resources=RESOURCES,
        sample=SAMPLE,
        results=RESULTS,
    message:
        "Timing a few batches of each network"
    script:
        "../scripts/plan.py"
