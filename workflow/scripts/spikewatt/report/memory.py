"""What a report on the same results said of how they were made.

Snakemake knows its command line, the source of the data, and which network is compared
with which; `python -m spikewatt.report` does not. So each report keeps them for the
next one.
"""

import json
from html.parser import HTMLParser

NAME = "spikewatt-made-by"


def kept(runs, command, source):
    """What the next report is to know, as a dict that JSON can hold."""
    networks = {}
    for run in runs:
        about = {"label": run.label, "against": run.against}
        networks.setdefault(run.experiment, {})[run.network] = about
    return {"command": command, "source": source, "networks": networks}


def recall(path):
    """What the report at `path` kept, as far as it is there and sound."""
    finder = _Finder()
    try:
        finder.feed(path.read_text(encoding="utf-8"))
        remembered = json.loads(finder.content)
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(remembered, dict):
        return {}
    return {key: remembered[key] for key in SOUND if SOUND[key](remembered.get(key))}


def _is_text(value):
    return isinstance(value, str)


def _are_networks(value):
    """Whether it is experiment → network → label and against, and not empty."""
    if not (value and _has_names(value) and all(map(_has_names, value.values()))):
        return False
    return all(
        isinstance(about, dict)
        and isinstance(about.get("label"), str)
        and isinstance(about.get("against"), str | None)
        for networks in value.values()
        for about in networks.values()
    )


def _has_names(value):
    """Whether it is a mapping of names that may stand in a path."""
    return isinstance(value, dict) and not any("/" in name for name in value)


SOUND = {"command": _is_text, "source": _is_text, "networks": _are_networks}


class _Finder(HTMLParser):
    content = "{}"

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "meta" and given.get("name") == NAME:
            self.content = given.get("content") or "{}"
