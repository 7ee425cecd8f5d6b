"""Who else computed while a run was measured, as its files say."""

from spikewatt.results.runs import test_facts

# The flags that another process is likely to be the cause of.
BY_OTHERS = ("loaded", "uneven", "cores", "beside")
MOST = 3


def who_else(word, run, stage, epochs):
    """The records of other processes that a flagged stage of a run was beside.

    {"pid", "name", "command", "cpu_cores", "since", "what"} each, as the meter wrote
    them; epochs: the flagged ones. Empty for flags that are about something else, and
    for runs of older versions.
    """
    if word not in BY_OTHERS:
        return []
    facts = test_facts(run) if stage == "test" else run.info or {}
    records = facts.get("others")
    return [
        record
        for record in (records if isinstance(records, list) else [])
        if _is_whole(record) and (stage == "test" or record.get("epoch") in epochs)
    ]


def sentence(records):
    """« Who else computed: python other.py (process 12, …).», or nothing.

    A process is told once, at its busiest; the busiest of all first.
    """
    busiest = sorted(records, key=lambda record: -record["cpu_cores"])
    each = {}
    for record in busiest:
        each.setdefault((record["pid"], record.get("since")), record["what"])
    told = list(each.values())
    rest = f" and {len(told) - MOST} more" if len(told) > MOST else ""
    return f" Who else computed: {'; '.join(told[:MOST])}{rest}." if told else ""


def _is_whole(record):
    return isinstance(record, dict) and {"pid", "cpu_cores", "what"} <= record.keys()
