# What the rules of tables.smk ask: which tables there are, and what they come from.
TABLE_STACK = "reference" if "reference" in config["stacks"] else config["stacks"][0]
TABLE_RUNS = expected_runs(stacks=[TABLE_STACK])
# What the runs must have been made with: others are refused.
ONLY_STACK = config["stacks"][0] if len(config["stacks"]) == 1 else None
PLANS = {
    f"{experiment}/{network}": run_plan(config, experiment, network, ONLY_STACK)
    for experiment, setting in EXPERIMENTS.items()
    for network in setting["networks"]
}
TRAINED = ("epochs.csv", "run.json")
TESTED = ("test.csv", "test.json", "run.json")
PUBLISHED = [
    source_file("paper", f"{name}.csv") for name in ("table1", "table2", "claims")
]
TABLES = [
    f"{RESULTS}/tables/{name}.{suffix}"
    for name in ("table1", "table2", "paired", "ratios", "stacks")
    for suffix in ("csv", "md", "tex")
]
TABLES += [f"{RESULTS}/tables/claims.{suffix}" for suffix in ("csv", "md")]


def table_file(name, suffix, title):
    """A table's file, marked for Snakemake's own report."""
    return report(
        f"{RESULTS}/tables/{name}.{suffix}",
        caption=f"../report/{name}.rst",
        category="Tables",
        labels={"table": title, "format": {"csv": "CSV", "md": "Markdown"}[suffix]},
    )
