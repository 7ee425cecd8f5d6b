"""From the config to what Snakemake runs: checks, plans, digests. Never torch."""
