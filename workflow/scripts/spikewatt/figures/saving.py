"""Saving a figure: SVG, PNG, PDF and its words, whole or not at all."""

from dataclasses import asdict, dataclass, replace

from spikewatt.figures import style
from spikewatt.files import atomic

# Dates and versions of programs are left out: the same input gives the same bytes.
METADATA = {
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


@dataclass(frozen=True)
class Caption:
    """What is said of a figure."""

    title: str
    caption: str  # explains what is seen
    alt: str  # says what the figure shows to who cannot see it
    number: int | None = None  # in the paper
    notes: tuple = ()  # on the runs: gaps, flags, machines; others may say the same


def with_notes(caption, notes):
    """The caption with the texts of notes behind it."""
    texts = [caption.caption, *(note.text for note in notes)]
    return replace(caption, caption=" ".join(filter(None, texts)))


@style.styled
def save(figure, caption, stem):
    """Write `figure` to `stem`.svg, .png, .pdf and its `caption` to `stem`.json."""
    lay_out(figure)
    for suffix, metadata in METADATA.items():
        words = metadata | {"Title": caption.title}
        with atomic.placing(f"{stem}.{suffix}") as temporary:
            figure.savefig(temporary, format=suffix, metadata=words)
    atomic.write_json(f"{stem}.json", asdict(caption))


def lay_out(figure):
    """Place everything once and for all, so that all formats have one layout."""
    for _ in range(2):  # the second pass knows where the first one put titles
        figure.draw_without_rendering()
    figure.set_layout_engine("none")
