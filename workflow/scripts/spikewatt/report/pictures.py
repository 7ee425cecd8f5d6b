"""Figures as a page can hold them: data URIs with title, caption and alt text."""

import base64
import json
import re
from dataclasses import dataclass
from xml.etree import ElementTree

# The order on the page; what else lies in the folder follows by name.
RESULTS = [
    "fig10",
    "fig11",
    "fig12",
    "fig_stacks",
    "fig_tradeoff",
    "fig_epoch_times",
]
METHODS = [f"fig{number:02}" for number in range(1, 10)]
# Figures that only a config with this experiment has.
OF_EXPERIMENTS = {
    "exp1": ("fig07", "fig10"),
    "exp2": ("fig08", "fig11"),
    "exp3": ("fig09", "fig12"),
}
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

    @property
    def methods(self):
        """Whether it shows data, neuron or networks rather than results."""
        return self.stem in METHODS or self.stem.endswith("_architecture")


def read(folder, experiments=OF_EXPERIMENTS):
    """(pictures, gaps) of a figures folder: what is whole, and what is not and why.

    experiments: names of those that were to be run.
    """
    pictures, gaps = [], []
    present = sorted(path.stem for path in folder.glob("*.svg"))
    others = [
        OF_EXPERIMENTS[name] for name in OF_EXPERIMENTS if name not in experiments
    ]
    needless = {stem for stems in others for stem in stems}
    wanted = [stem for stem in (*RESULTS, *METHODS) if stem not in needless]
    for stem in dict.fromkeys([*wanted, *present]):
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
