"""What changed since the files of jobs were made: settings, old and new, and code.

Snakemake keeps the parameters of each job as texts without their names, and tells what
only the old and only the new ones have.
"""

import ast
import re
from dataclasses import dataclass
from typing import Any

CODE = re.compile(r"[0-9a-f]{8,}( [0-9a-f]{8,})*")
CODE_CHANGED = "code changed"
# Parameters that hold settings, of one run or of several by «experiment/network»; the
# latter may stand among what a table's maker gets by name.
ONE, SEVERAL, ARGUMENTS = "plan", "plans", "arguments"
MOST_CHARACTERS, MOST_OWNERS = 40, 6
ABSENT = object()


@dataclass(frozen=True)
class Job:
    """A job that would run, and what Snakemake knows of it.

    reason, changed: its Reason and ParamsChange; params: {name: value} of now.
    """

    title: str
    rule: str
    reason: Any
    changed: Any
    params: dict


def summary(jobs, training=()):
    """Lines on why jobs would run again: what changed and how many jobs it concerns.

    training: keys of the config's `training:`, which stand on their own in a plan.
    """
    found = {}  # what → (whom it is about, how many jobs)
    for job in jobs:
        causes = list(dict.fromkeys(why(job, training)))
        for owner, what in causes:
            owners, concerned = found.setdefault(what, ({}, []))
            owners[owner] = None
            concerned.append(job)
    return [
        _line(what, [owner for owner in owners if owner], len(set(map(id, concerned))))
        for what, (owners, concerned) in sorted(found.items(), key=_settings_first)
    ]


def why(job, training=()):
    """(whom it is about or None, what) for each cause that a job runs."""
    reason = job.reason
    if reason.forced:
        yield None, "asked for again (--force)"
    if job.changed:
        yield from settings(job, training)
    if reason.code_changed:
        yield job.rule, CODE_CHANGED
    if reason.software_stack_changed:
        yield None, "their environment (envs/) changed"
    if reason.incomplete_output:
        yield None, "half-made by a run that was cut"
    elif reason.missing_output and not reason.updated_input_run:
        yield None, "not made yet"
    if reason.updated_input:
        yield None, f"newer input: {_few(sorted(map(str, reason.updated_input)))}"
    if reason.input_changed:
        yield None, "other input files than before"
    if reason.updated_input_run:
        yield None, "made from what changes"


def settings(job, training=()):
    """(owner, «training.learning_rate 0.001 → 0.01») for parameters that changed."""
    title, changed = job.title, job.changed
    names = {repr(value): name for name, value in job.params.items()}
    old = [_value(text) for text in sorted(changed.only_old)]
    for text in sorted(changed.only_new):
        new, name = _value(text), names.get(text, "a setting")
        before = _partner(new, old)
        if _is_code(new):
            yield job.rule, CODE_CHANGED
        elif isinstance(new, dict) and isinstance(before, dict):
            yield from _of_plans(title, name, before, new, training)
        elif isinstance(new, list | tuple) or before is ABSENT:
            yield title, f"{name} changed"
        else:
            yield title, f"{name} {shown(before)} → {shown(new)}"


def difference(old, new, path=()):
    """(path, old, new) of every value that differs between two dicts, at all depths."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            inner = (*path, str(key))
            yield from difference(old.get(key, ABSENT), new.get(key, ABSENT), inner)
    elif old is ABSENT or new is ABSENT or old != new:
        yield path, old, new


def shown(value):
    """A value in few characters."""
    if value is ABSENT:
        return "nothing"
    text = value if isinstance(value, str) else repr(value)
    cut = len(text) > MOST_CHARACTERS
    return f"{text[: MOST_CHARACTERS - 1]}…" if cut else text


def _of_plans(title, name, old, new, training):
    for path, before, after in difference(old, new):
        owner, keys = title, (name, *path)
        if name == ONE and {"experiment", "network"} <= new.keys():
            owner, keys = f"{new['experiment']}/{new['network']}", path
        elif name == SEVERAL:
            owner, *keys = path
        elif name == ARGUMENTS and path[0] == SEVERAL:
            owner, *keys = path[1:]
        if not keys:  # a network that was not there before
            state = "is gone" if after is ABSENT else "is new"
            yield owner, state
            continue
        prefix = "training." if keys[0] in training else ""
        yield owner, f"{prefix}{'.'.join(keys)} {shown(before)} → {shown(after)}"


def _partner(new, old):
    """The old value that the new one most likely took the place of, or ABSENT."""
    alike = [
        value
        for value in old
        if type(value) is type(new) and _is_code(value) == _is_code(new)
    ]
    if not alike:
        return ABSENT
    if isinstance(new, dict):
        return max(alike, key=lambda value: len(value.keys() & new.keys()))
    return alike[0]


def _is_code(value):
    return isinstance(value, str) and bool(CODE.fullmatch(value))


def _value(text):
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _line(what, owners, count):
    jobs = f"({count} job{'s' if count != 1 else ''})"
    if not owners:
        return f"{what} {jobs}"
    if what == CODE_CHANGED:
        return f"{what}: {_few(owners)} {jobs}"
    return f"{_few(owners)}: {what} {jobs}"


def _few(names):
    rest = len(names) - MOST_OWNERS
    told = ", ".join(names[:MOST_OWNERS])
    return f"{told} and {rest} more" if rest > 0 else told


def _settings_first(item):
    """Settings before code before the rest, in the order that they came up."""
    what, (owners, _) = item
    return 2 if None in owners else 1 if what == CODE_CHANGED else 0
