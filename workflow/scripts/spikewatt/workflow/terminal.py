"""What the terminal shows of Snakemake's messages: a line a job that starts."""

import logging
import time

from snakemake.logging import DefaultFormatter

from spikewatt.workflow.remaining import PAGE, family

# Messages of Snakemake's that tell a user of this workflow nothing.
IDLE = (
    *("Assuming unrestricted shared", "host:", "Using shell:", "Conda environments:"),
    *("Rules claiming more threads", "Select jobs to execute", "Execute "),
    *("Provided cores", "Reasons:", "Rules with provenance triggered"),
    *(
        "Some jobs were triggered by provenance",
        "If you prefer that only",
        "If you are",
    ),
    *(
        "Building DAG of jobs",
        "Storing output in storage",
        "Elapsed time",
        "Provided resources",
    ),
)


class Lines(DefaultFormatter):
    """Snakemake's formatter, but for what is long or says nothing here.

    settings: Snakemake's output settings; under_bar: whether a bar shows what is done,
    which lines then leave out. Errors are shown as Snakemake has them, the log of a
    failed job included.
    """

    def __init__(self, settings, under_bar=False):
        super().__init__(settings.quiet, settings.show_failed_logs)
        self.dryrun, self.done, self.total = settings.dryrun, 0, None
        self.under_bar, self.announced, self.why = under_bar, False, []

    def format(self, record):
        text = record.getMessage() if record.msg else ""
        if record.levelno <= logging.INFO and text.strip().startswith(IDLE):
            return ""
        return super().format(record)

    def format_workflow_started(self, msg):
        return ""

    def format_run_info(self, msg):
        """How many jobs; of a dry run once they are listed, with why they would run."""
        stats = msg.get("stats") or {}
        self.total = stats.get("total", self.total)
        if not self.dryrun:
            return f"{self.total} jobs"
        if not self.announced:  # said twice, before the jobs and after them
            self.announced, self.why = True, msg.get("why") or []
            return ""
        why = [f"  {line}" for line in self.why]
        return "\n".join([counted(stats), *(["Why:", *why] if why else [])])

    def format_job_info(self, msg):
        """One line: in a real run with the time and how many jobs are done."""
        told = msg["rule_msg"]
        if not told:  # a target, which runs nothing
            return ""
        if self.dryrun:
            return f"Job {msg['jobid']}: {told}"
        shown = self.total and not self.under_bar
        place = f" [{self.done}/{self.total} done]" if shown else ""
        return f"{time.strftime('%H:%M:%S')}{place} {told}"

    def format_job_finished(self, msg):
        return ""

    def format_progress(self, msg):
        """Kept for the next job's line; said at the end."""
        self.done, self.total = msg["done"], msg["total"]
        return f"{self.done} of {self.total} jobs done" if self.is_over() else ""

    def is_over(self):
        return self.done == self.total


def counted(stats):
    """«17 jobs: 4 sample_archive, 2 train, 9 of tables, figures and pages»."""
    kinds = {}
    for rule, count in stats.items():
        if rule != "total":
            kinds[family(rule)] = kinds.get(family(rule), 0) + count
    pages = kinds.pop(PAGE, 0)
    told = [f"{count} {kind}" for kind, count in kinds.items()]
    told += [f"{pages} of tables, figures and targets"] if pages else []
    return f"{stats.get('total', sum(kinds.values()) + pages)} jobs: {', '.join(told)}"
