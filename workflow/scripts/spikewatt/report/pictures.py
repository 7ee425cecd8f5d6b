"""Figures as a page can hold them: data URIs with title, caption and alt text."""

import base64
import json
import re
from dataclasses import dataclass
from xml.etree import ElementTree

# The order on the page; what else lies in the folder follows by name.
ORDER = ["fig10", "fig11", "fig12", "fig_tradeoff", "fig_epoch_times"]
METHODS = [f"fig{number:02}" for number in range(1, 10)]
PIXELS = {"": 1, "px": 1, "pt": 4 / 3, "in": 96, "mm": 96 / 25.4, "cm": 96 / 2.54}


@dataclass
class Picture:
    """One figure: `source` is a data URI; width and height in CSS pixels."""

    stem: str
    title: str
    caption: str
    alt: str
    source: str
    width: int
    height: int


def read(folder):
    """(pictures, gaps) of a figures folder: what is whole, and what is not and why."""
    pictures, gaps = [], []
    present = sorted(path.stem for path in folder.glob("*.svg"))
    stems = dict.fromkeys([*ORDER, *METHODS, *present])
    for stem in stems:
        try:
            pictures.append(_picture(folder / f"{stem}.svg"))
        except (OSError, ValueError, KeyError, ElementTree.ParseError) as error:
            gaps.append(f"{stem}: {_reason(error)}")
    return pictures, gaps


def _reason(error):
    if isinstance(error, FileNotFoundError):
        return f"{error.filename} is missing"
    if isinstance(error, KeyError):
        return f"its .json lacks {error}"
    return str(error)


def _picture(path):
    content = path.read_bytes()
    width, height = _size(content)
    facts = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    number = facts.get("number")
    title = facts["title"]
    encoded = base64.b64encode(content).decode("ascii")
    return Picture(
        path.stem,
        f"Figure {number}. {title}" if number else title,
        facts["caption"],
        facts["alt"],
        f"data:image/svg+xml;base64,{encoded}",
        width,
        height,
    )


def _size(content):
    """Width and height in CSS pixels; raises ParseError for what is no XML."""
    root = ElementTree.fromstring(content)
    if not root.tag.endswith("svg"):
        raise ValueError("it is no SVG picture")
    sides = [_pixels(root.get(side, "")) for side in ("width", "height")]
    if all(sides):
        return tuple(sides)
    box = [float(value) for value in root.get("viewBox", "0 0 640 480").split()]
    return round(box[2]), round(box[3])


def _pixels(length):
    match = re.fullmatch(r"([\d.]+)\s*([a-z]*)", length.strip())
    if not match or match[2] not in PIXELS:
        return None
    return round(float(match[1]) * PIXELS[match[2]])
