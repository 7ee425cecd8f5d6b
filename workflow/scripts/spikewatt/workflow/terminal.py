"""What the terminal shows of Snakemake's messages: a line a job that starts."""

import logging
import time

from snakemake.logging import DefaultFormatter

# Messages of Snakemake's that tell a user of this workflow nothing.
IDLE = (
    *("Assuming unrestricted shared", "host:", "Using shell:", "Conda environments:"),
    *("Rules claiming more threads", "Select jobs to execute", "Execute "),
    *(
        "Building DAG of jobs",
        "Storing output in storage",
        "Elapsed time",
        "Provided resources",
    ),
)


class Lines(DefaultFormatter):
    """Snakemake's formatter, but for what is long or says nothing here.

    settings: Snakemake's output settings. Errors are shown as Snakemake has them, the
    log of a failed job included.
    """

    def __init__(self, settings):
        super().__init__(settings.quiet, settings.show_failed_logs)
        self.dryrun, self.done, self.total = settings.dryrun, 0, None

    def format(self, record):
        text = record.getMessage() if record.msg else ""
        if record.levelno <= logging.INFO and text.strip().startswith(IDLE):
            return ""
        return super().format(record)

    def format_workflow_started(self, msg):
        return ""

    def format_run_info(self, msg):
        """How many jobs, by rule; in a real run the number alone."""
        self.total = (msg.get("stats") or {}).get("total", self.total)
        return msg["msg"] if self.dryrun else f"{self.total} jobs"

    def format_job_info(self, msg):
        """One line: in a real run with the time and how many jobs are done."""
        told = msg["rule_msg"]
        if not told:  # a target, which runs nothing
            return ""
        if self.dryrun:
            return f"Job {msg['jobid']}: {told}"
        place = f"{self.done}/{self.total}" if self.total else ""
        return f"{time.strftime('%H:%M:%S')} [{place} done] {told}"

    def format_job_finished(self, msg):
        return ""

    def format_progress(self, msg):
        """Kept for the next job's line; said at the end."""
        self.done, self.total = msg["done"], msg["total"]
        return f"{self.done} of {self.total} jobs done" if self.is_over() else ""

    def is_over(self):
        return self.done == self.total
