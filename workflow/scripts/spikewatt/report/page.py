"""The page itself: templates, style and script put together into one file."""

import base64
import hashlib
from collections import defaultdict
from pathlib import Path

import jinja2
import markupsafe

HERE = Path(__file__).parent

# Sections in their order, and those of them that only the paper's experiments have.
SECTIONS = [
    ("answer", "The answer"),
    ("tables", "Tables"),
    ("results", "Result figures"),
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

BADGES = {
    "reproduced": "good",
    "consistent": "good",
    "not reproduced": "bad",
    "inconsistent": "bad",
}


def render(of_paper, **content):
    """The page as HTML text. Everything in `content` is escaped; see page.html.j2.

    of_paper: whether the paper's experiments are among those that were run.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["breakable"] = _breakable
    script = _text("sort.js")
    return environment.get_template("page.html.j2").render(
        style=_text("style.css"),
        script=script,
        script_hash=_hash(script),
        sections=[part for part in SECTIONS if of_paper or part[0] not in OF_PAPER],
        of_paper=of_paper,
        badges=defaultdict(str, BADGES),
        **content,
    )


def _breakable(text):
    """A dotted name that may go on in the next line after each dot."""
    return markupsafe.escape(text).replace(".", markupsafe.Markup(".<wbr>"))


def _text(name):
    return (HERE / name).read_text(encoding="utf-8").strip()


def _hash(script):
    """The script's digest for the page's own security policy: no other script runs."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
