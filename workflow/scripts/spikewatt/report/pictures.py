"""Figures as a page can hold them: data URIs with title, caption and alt text."""

import base64
import json
import re
from dataclasses import dataclass
from xml.etree import ElementTree

# The paper's figures: where a config has none of them, they are left from another.
NUMBERED = re.compile(r"fig\d\d")
# No picture of ours is wider or higher, in CSS pixels; a damaged one may say so.
LIMIT = 10_000
PIXELS = {"": 1, "px": 1, "pt": 4 / 3, "in": 96, "mm": 96 / 25.4, "cm": 96 / 2.54}


@dataclass
class Picture:
    """One figure: `source` is a data URI; width and height in CSS pixels.

    methods: whether it shows data, neuron or networks rather than results.
    """

    stem: str
    methods: bool
    title: str
    caption: str
    alt: str
    source: str
    width: int
    height: int
    notes: list  # sentences on the runs


def read(folder, listed):
    """(pictures, sentences on those that are missing or damaged) of a figures folder.

    listed: the figures that should be there, as `contents.figures` gives them, in the
    order of the page. What else lies in the folder follows by name, without the
    paper's figures: they are of another config.
    """
    pictures, absent = [], []
    present = sorted(path.stem for path in folder.glob("*.svg"))
    others = [stem for stem in present if not NUMBERED.fullmatch(stem)]
    for stem in dict.fromkeys([*listed, *others]):
        methods = listed.get(stem, stem.endswith("_architecture"))
        try:
            pictures.append(_picture(folder / f"{stem}.svg", methods))
        except (OSError, ValueError, TypeError, RecursionError) as error:
            absent.append(f"{stem}: {_reason(error)}")
    return pictures, absent


def _reason(error):
    if isinstance(error, FileNotFoundError):
        return f"{error.filename} is missing"
    return str(error)


def _picture(path, methods):
    content = path.read_bytes()
    width, height = _size(content)
    facts = _facts(path.with_suffix(".json"))
    number = facts.get("number")
    title = facts["title"]
    notes = facts.get("notes", [])
    if not isinstance(notes, list) or not all(isinstance(n, str) for n in notes):
        raise ValueError("its .json holds notes that are not a list of text")
    encoded = base64.b64encode(content).decode("ascii")
    return Picture(
        path.stem,
        methods,
        f"Figure {number}. {title}" if number else title,
        facts["caption"],
        facts["alt"],
        f"data:image/svg+xml;base64,{encoded}",
        width,
        height,
        notes,
    )


def _facts(path):
    """Title, caption, alt text and perhaps a number, as drawing left them."""
    facts = json.loads(path.read_text(encoding="utf-8"))
    for key in ("title", "caption", "alt"):
        if not isinstance(facts, dict) or not isinstance(facts.get(key), str):
            raise ValueError(f"its .json lacks «{key}»")
    return facts


def _size(content):
    """Width and height in CSS pixels; raises ValueError for what is no SVG."""
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:  # a SyntaxError of its own
        raise ValueError(str(error)) from error
    if not root.tag.endswith("svg"):
        raise ValueError("it is no SVG picture")
    sides = [_pixels(root.get(side, "")) for side in ("width", "height")]
    if all(sides):
        return tuple(sides)
    box = root.get("viewBox", "0 0 640 480").split()
    if len(box) != 4:
        raise ValueError("its viewBox is not four numbers")
    return tuple(round(min(float(side), LIMIT)) for side in box[2:])


def _pixels(length):
    match = re.fullmatch(r"([\d.]+)\s*([a-z]*)", length.strip())
    if not match or match[2] not in PIXELS:
        return None
    return round(float(match[1]) * PIXELS[match[2]])
