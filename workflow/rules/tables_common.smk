# What the rules of tables.smk ask: which tables there are, and their files.
PAPER_NUMBERS = [
    source_file("paper", f"{name}.csv")
    for name in ("experiments", "protocol", "table1", "table2", "claims", "margins")
]
FORMAT_NAMES = {"csv": "CSV", "md": "Markdown"}
TABLE_ENTRIES = of_config(table_registry)
# Of one experiment alone, in a folder of its own: what `snakemake exp2` makes.
TABLES_OF_ONE = [
    entry
    for experiment, setting in EXPERIMENTS.items()
    for entry in table_registry.of_one(
        experiment, setting, several=len(config["stacks"]) > 1
    )
]


def table_files(entries):
    """All files of these tables."""
    return [
        f"{RESULTS}/tables/{table.name}.{suffix}"
        for table in entries
        for suffix in table.formats
    ]


TABLES = table_files(TABLE_ENTRIES)


def tables_of(experiment):
    """The files of the tables of one experiment alone."""
    return table_files(
        entry for entry in TABLES_OF_ONE if entry.experiment == experiment
    )


def written(table):
    """The files of a table; CSV and Markdown are marked for Snakemake's own report."""
    return [table_file(table, suffix) for suffix in table.formats]


def table_file(table, suffix):
    """One file of a table, marked if people read its format."""
    path = f"{RESULTS}/tables/{table.name}.{suffix}"
    if suffix not in FORMAT_NAMES:
        return path
    return report(
        path,
        caption=f"../report/{table.caption}.rst",
        category=table.category,
        labels={"table": table.title, "format": FORMAT_NAMES[suffix]},
    )
