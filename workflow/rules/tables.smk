# Tables, and the paper's claims judged: which there are says
# spikewatt/tables/registry.py. A rule each, named as the table.


include: "registry_common.smk"
include: "tables_common.smk"


for table in [*TABLE_ENTRIES, *TABLES_OF_ONE]:

    rule:
        """A table in all formats, from the runs that it shows and the paper's numbers."""
        name:
            table.name
        input:
            runs=lazily(entry_runs, table),
            paper=PAPER_NUMBERS,
        output:
            written(table),
        log:
            f"{RESULTS}/logs/{table.name}.log",
        conda:
            "../../envs/plot.yaml"
        params:
            code=entry_code("table.py", table),
            maker=table.maker,
            runs=lazily(runs_of, table),
            stages=table.stages,
            plans=plans_of(table),
            source=SOURCE,
            arguments=arguments_of(table),
            partial=config["allow_missing"],
        message:
            f"Table {table.name}: {table.title}"
        script:
            "../scripts/table.py"
