"""What queued jobs were planned to do, so that none of them does other work.

On a cluster a job reads the Snakefile, the config and the code when it starts. That may
be days after it was submitted, and they may have changed (Snakemake's issue 3234). So
who submits writes down the parameters of all jobs, the digest of their code among them,
and names that file to them. A job whose own differ is not run.
"""

import hashlib
import json
import os

from spikewatt.files import atomic
from spikewatt.workflow import changes

# The file that the submitting process wrote, for its jobs.
VARIABLE = "SPIKEWATT_PLANNED"
CODE = "code"
# A value of more letters is kept as its digest: tables have the plans of all runs.
LONGEST = 4000


class Replanned(RuntimeError):
    """A job would do other work than was planned; the message says what to do."""


def write(path, jobs):
    """Write down what jobs are to do: {first log file: their parameters by name}.

    Every rule has a log file, and no two jobs the same.
    """
    atomic.write_json(path, {log: _kept(params) for log, params in jobs.items()})


def require(log, params):
    """Raise Replanned where the job of a log file has other parameters than planned.

    Nothing is asked of jobs that were not submitted to a cluster.
    """
    told = _read(os.environ.get(VARIABLE))
    if told is None or log not in told:
        return
    found = list(changes.difference(told[log], _kept(params)))
    if not found:
        return
    what = "; ".join(dict.fromkeys(_sentence(*one) for one in found))
    raise Replanned(
        f"since this job was submitted, {what}. It is not run, as it would not do what "
        "was planned. Give the same command again once Snakemake has ended: it plans "
        "anew with what is there now"
    )


def _read(path):
    try:
        with open(path or "", encoding="utf-8") as handle:
            return json.load(handle)
    except OSError:
        return None  # who submitted it has ended; its jobs live on


def _kept(params):
    """Parameters as JSON would give them back, long ones as digests."""
    kept = {}
    for name, value in params.items():
        text = json.dumps(value, sort_keys=True, default=str)
        short = len(text) <= LONGEST
        kept[name] = json.loads(text) if short else _digest(text)
    return kept


def _digest(text):
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _sentence(path, old, new):
    """«learning_rate changed from 0.001 to 0.01», «its code changed»."""
    if path[0] == CODE:
        return "its code changed"
    name = ".".join(path[1:] if path[0] == changes.ONE and path[1:] else path)
    if any(str(value).startswith("sha256:") for value in (old, new)):
        return f"{name} changed"
    return f"{name} changed from {changes.shown(old)} to {changes.shown(new)}"
