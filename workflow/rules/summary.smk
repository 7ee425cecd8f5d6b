# What a program reads first: all runs in one table, and what every column means.
SUMMARY = [f"{RESULTS}/summary.csv", f"{RESULTS}/columns.csv"]


rule summary:
    """A row a run with totals, and a dictionary of the columns of all CSV files."""
    input:
        runs=lazily(run_files_of_all),
        paper=PAPER_NUMBERS,
    output:
        summary=SUMMARY[0],
        columns=SUMMARY[1],
    log:
        f"{RESULTS}/logs/summary.log",
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_digest("summary.py"),
        runs=lazily(expected_runs),
        plans=PLANS,
        partial=config["allow_missing"],
    message:
        "Summary of all runs"
    script:
        "../scripts/summary.py"
