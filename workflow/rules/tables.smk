# Tables, and the paper's claims judged. The paper's tables are answered by the
# reference stack, as it is what the paper ran; the stacks meet in a table of their own.


include: "tables_common.smk"


rule table1:
    """Table I: training and validation, with the paper's numbers beside ours."""
    input:
        run_files(TABLE_RUNS, *TRAINED),
        PUBLISHED,
    output:
        table_file("table1", "csv", "Table I"),
        table_file("table1", "md", "Table I"),
        f"{RESULTS}/tables/table1.tex",
    log:
        f"{RESULTS}/logs/table1.log",
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_digest("tables.py"),
        table="table1",
        runs=TABLE_RUNS,
        plans=PLANS,
    message:
        "Table I"
    script:
        "../scripts/tables.py"


rule table2:
    """Table II: testing, with the paper's numbers beside ours."""
    input:
        run_files(TABLE_RUNS, *TESTED),
        PUBLISHED,
    output:
        table_file("table2", "csv", "Table II"),
        table_file("table2", "md", "Table II"),
        f"{RESULTS}/tables/table2.tex",
    log:
        f"{RESULTS}/logs/table2.log",
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_digest("tables.py"),
        table="table2",
        runs=TABLE_RUNS,
        plans=PLANS,
    message:
        "Table II"
    script:
        "../scripts/tables.py"


rule paired:
    """Differences between the networks of an experiment, seed by seed."""
    input:
        run_files(TABLE_RUNS, *TRAINED, *TESTED[:2]),
        PUBLISHED,
    output:
        table_file("paired", "csv", "Paired differences"),
        table_file("paired", "md", "Paired differences"),
        f"{RESULTS}/tables/paired.tex",
    log:
        f"{RESULTS}/logs/paired.log",
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_digest("tables.py"),
        table="paired",
        runs=TABLE_RUNS,
        plans=PLANS,
    message:
        "Paired differences"
    script:
        "../scripts/tables.py"


rule ratios:
    """Time, memory, power and energy of a network against its experiment's first."""
    input:
        run_files(TABLE_RUNS, *TRAINED, *TESTED[:2]),
        PUBLISHED,
    output:
        table_file("ratios", "csv", "Ratios"),
        table_file("ratios", "md", "Ratios"),
        f"{RESULTS}/tables/ratios.tex",
    log:
        f"{RESULTS}/logs/ratios.log",
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_digest("tables.py"),
        table="ratios",
        runs=TABLE_RUNS,
        plans=PLANS,
    message:
        "Ratios of costs"
    script:
        "../scripts/tables.py"


rule stacks:
    """What is spiking, what is software: the networks and their ratios by stack."""
    input:
        run_files(expected_runs(), *TRAINED, *TESTED[:2]),
        PUBLISHED,
    output:
        table_file("stacks", "csv", "What is spiking, what is software"),
        table_file("stacks", "md", "What is spiking, what is software"),
        f"{RESULTS}/tables/stacks.tex",
    log:
        f"{RESULTS}/logs/stacks.log",
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_digest("stacks.py"),
        runs=expected_runs(),
        plans=PLANS,
    message:
        "Table of the stacks: what is spiking, what is software"
    script:
        "../scripts/stacks.py"


rule claims:
    """Each number of the paper's text against its tables and against these runs."""
    input:
        run_files(TABLE_RUNS, *TRAINED, *TESTED[:2]),
        PUBLISHED,
    output:
        csv=table_file("claims", "csv", "Claims"),
        md=table_file("claims", "md", "Claims"),
    log:
        f"{RESULTS}/logs/claims.log",
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_digest("claims.py"),
        runs=TABLE_RUNS,
        plans=PLANS,
        source=SOURCE,
    message:
        "Judging the paper's claims"
    script:
        "../scripts/claims.py"
