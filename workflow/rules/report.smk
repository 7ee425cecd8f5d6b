# The report: tables, figures, verdicts and gaps on one page. Also what stands at the
# top of `snakemake --report`.
import json
import shlex


report: "../report/workflow.rst"


# What the page is put together from, beside code: a change of it makes the page anew.
PAGE_PARTS = [
    *(SCRIPTS / "spikewatt" / "report").glob("*.[!p]*"),
    *(SCRIPTS / "spikewatt" / "paper").glob("*.csv"),
]


def as_argument(value):
    """A config value as `--config KEY=VALUE` takes it."""
    return value if isinstance(value, str) else json.dumps(value)


def this_command():
    """What starts Snakemake on these results, for the reader to repeat."""
    settings = workflow.config_settings
    words = ["snakemake"]
    if settings.configfiles:
        words += ["--configfile", *map(shown_path, settings.configfiles)]
    if settings.config:
        pairs = settings.config.items()
        words += ["--config", *(f"{key}={as_argument(value)}" for key, value in pairs)]
    # Last, since the options above take all words up to the next option.
    return shlex.join([*words, "--cores", "1"])


def shown_path(path):
    """A path as a reader in the project's folder would type it."""
    path = Path(path).absolute()
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


rule report:
    """The report: one self-contained HTML file that answers the paper's question."""
    input:
        tables=TABLES,
        figures=figure_files(),
        runs=run_files(
            expected_runs(), "epochs.csv", "run.json", "test.csv", "test.json"
        ),
        parts=sorted(map(str, PAGE_PARTS)),
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
        results=RESULTS,
        runs=expected_runs(),
        plans=PLANS,
        source=SOURCE,
        command=this_command(),
    message:
        "Writing the report"
    script:
        "../scripts/build_report.py"
