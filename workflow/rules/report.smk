# The report: tables, figures, verdicts and what is missing, on one page. Also what
# stands at the top of `snakemake --report`.
from spikewatt.workflow.commandline import snakemake_command


report: "../report/workflow.rst"


# What the page is put together from, beside code: a change of it makes the page anew.
PAGE_PARTS = [
    *source_files("report", "*.[!p]*"),
    *source_files("paper", "*.csv"),
]
# How to repeat it; what is no part of a run makes no other page.
GIVEN = {
    key: value
    for key, value in workflow.config_settings.config.items()
    if key not in ("tracking", "device", "threads", "wait")
}


rule report:
    """The report: one self-contained HTML file that answers the paper's question."""
    input:
        tables=TABLES,
        figures=figure_files(),
        runs=lazily(run_files_of_all),
        parts=PAGE_PARTS,
    output:
        report(
            f"{RESULTS}/report.html",
            caption="../report/report.rst",
            category="Report",
            labels={"what": "the whole report on one page"},
        ),
    log:
        f"{RESULTS}/logs/report.log",
    conda:
        "../../envs/plot.yaml"
    params:
        code=code_digest("build_report.py"),
        runs=lazily(expected_runs),
        plans=PLANS,
        partial=config["allow_missing"],
        source=SOURCE,
        command=snakemake_command(workflow.config_settings.configfiles, GIVEN),
    message:
        "Writing the report"
    script:
        "../scripts/build_report.py"
