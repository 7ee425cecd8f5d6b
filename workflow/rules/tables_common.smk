# What the rules of tables.smk ask: which tables there are, and their files.
PAPER_NUMBERS = [
    source_file("paper", f"{name}.csv")
    for name in ("experiments", "protocol", "table1", "table2", "claims", "margins")
]
FORMAT_NAMES = {"csv": "CSV", "md": "Markdown"}
TABLE_ENTRIES = of_config(table_registry)
TABLES = [
    f"{RESULTS}/tables/{table.name}.{suffix}"
    for table in TABLE_ENTRIES
    for suffix in table.formats
]


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
