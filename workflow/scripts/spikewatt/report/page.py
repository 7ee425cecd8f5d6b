"""The page itself: templates, style and script put together into one file."""

import base64
import hashlib
from collections import defaultdict
from functools import partial
from pathlib import Path

import jinja2
import markupsafe

from spikewatt.report.grids import LONG
from spikewatt.report.notes import MARK

HERE = Path(__file__).parent

# Sections in their order, and those of them that only the paper's experiments have.
SECTIONS = [
    ("answer", "The answer"),
    ("rivals", "Fair rivals"),
    ("tables", "Tables"),
    ("results", "Result figures"),
    ("elsewhere", "On other hardware"),
    ("claims", "The paper's numbers"),
    ("methods", "Data, neuron, networks"),
    ("choices", "Choices"),
    ("errata", "Mistakes in the paper"),
    ("meter", "Measured with"),
    ("machine", "Hardware and versions"),
    ("runs", "Runs"),
    ("rerun", "Rerun"),
    ("cite", "Cite"),
]

OF_PAPER = ("claims", "choices", "errata")
# That only experiments of more than one pair have.
RIVALS = ("rivals",)

BADGES = {
    "reproduced": "good",
    "consistent": "good",
    "not reproduced": "bad",
    "inconsistent": "bad",
}


def render(of_paper, rivals=None, notes=0, **content):
    """The page as HTML text. Everything in `content` is escaped; see page.html.j2.

    of_paper: whether the paper's experiments are among those that were run; rivals:
    sentences on them, None where no network has more than one; notes: how many the page
    has, to which marks like [2] lead.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["breakable"] = _breakable
    environment.filters["linked"] = partial(_linked, notes=notes)
    script = _text("sort.js")
    return environment.get_template("page.html.j2").render(
        style=_text("style.css"),
        script=script,
        script_hash=_hash(script),
        sections=_sections(of_paper, rivals),
        of_paper=of_paper,
        rivals=rivals,
        long=LONG,
        badges=defaultdict(str, BADGES),
        **content,
    )


def _sections(of_paper, rivals):
    """Those of SECTIONS that the page has."""
    absent = {*(() if of_paper else OF_PAPER), *(() if rivals is not None else RIVALS)}
    return [part for part in SECTIONS if part[0] not in absent]


def _breakable(text):
    """A dotted name that may go on in the next line after each dot."""
    return markupsafe.escape(text).replace(".", markupsafe.Markup(".<wbr>"))


def _linked(text, notes):
    """Text in which marks of notes, like [2], lead to their notes."""

    def link(found):
        if not 1 <= int(found[1]) <= notes:
            return found[0]
        return f'<a href="#note-{found[1]}">{found[0]}</a>'

    return markupsafe.Markup(MARK.sub(link, str(markupsafe.escape(text))))


def _text(name):
    return (HERE / name).read_text(encoding="utf-8").strip()


def _hash(script):
    """The script's digest for the page's own security policy: no other script runs."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
