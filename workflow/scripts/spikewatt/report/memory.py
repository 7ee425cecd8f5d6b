"""What a report on the same results said of how they were made.

Snakemake knows its command line and the source of the data, and
`python -m spikewatt.report` does not. So each report keeps them for the next one.
"""

import json
from html.parser import HTMLParser

NAME = "spikewatt-made-by"
KEYS = ("command", "source")


def recall(path):
    """`command` and `source` of the report at `path`, as far as it holds them."""
    finder = _Finder()
    try:
        finder.feed(path.read_text(encoding="utf-8"))
        found = json.loads(finder.content)
        return {key: found[key] for key in KEYS if isinstance(found[key], str)}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


class _Finder(HTMLParser):
    content = "{}"

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "meta" and given.get("name") == NAME:
            self.content = given.get("content") or "{}"
