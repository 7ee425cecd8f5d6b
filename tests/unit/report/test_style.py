"""Colours of the report: WCAG AA contrast in light, dark and print."""

import itertools
import re

import pytest

from spikewatt.report import page

# Text on ground: 4.5. `figure` is the light card behind pictures, which hold their own.
TEXTS = {
    "page": ["text", "quiet", "link", "accent"],
    "card": ["text", "quiet", "link"],
    "good-card": ["good"],
    "bad-card": ["bad", "text"],
    "warn-card": ["warn", "text"],
}
NAMES = ["light", "dark", "print"]


def schemes():
    """The colours of each scheme; later blocks of the style lie over the first."""
    css = (page.HERE / "style.css").read_text()
    blocks = [
        dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", block))
        for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    ]
    assert len(blocks) == len(NAMES)
    return {
        name: {**blocks[0], **block} for name, block in zip(NAMES, blocks, strict=True)
    }


def luminance(colour):
    """Relative luminance as WCAG 2.1 defines it."""
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    ]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_wcag_does():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", NAMES)
def test_text_meets_aa(scheme):
    colours = schemes()[scheme]
    pairs = itertools.chain.from_iterable(
        ((ground, text) for text in texts) for ground, texts in TEXTS.items()
    )
    for ground, text in pairs:
        assert contrast(colours[ground], colours[text]) >= 4.5, (ground, text)


@pytest.mark.parametrize("scheme", NAMES)
def test_marks_that_are_no_text_meet_aa(scheme):
    colours = schemes()[scheme]
    for mark in ("accent", "link", "warn", "bad"):
        assert contrast(colours["page"], colours[mark]) >= 3, mark


def test_dark_names_every_colour_of_light():
    light, dark = (schemes()[name] for name in ("light", "dark"))
    css = (page.HERE / "style.css").read_text()
    assert set(re.findall(r"var\(--([\w-]+)\)", css)) - {"natural"} <= set(light)
    assert all(light[name] != dark[name] for name in light)
