"""Figure 2: the events of one N-MNIST recording, a panel per saccade."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spikewatt.figures import style
from spikewatt.figures.saving import Caption

SIZE = (style.TWO_COLUMNS, 3.05)
TITLE = "Events of each saccade of an N-MNIST recording"
# The sensor was moved three times, for about 105 ms each (Orchard et al. 2015).
SACCADES = 3
SACCADE_MS = 105.0
BRIGHTER, DARKER = 1, 0  # polarities


@style.styled
def draw(nmnist, digit=5):
    """The first training recording of a digit; returns (Figure, Caption).

    nmnist: a prepared data set (`spikewatt.data.arrays.Events`).
    """
    split = nmnist.split("train")
    indices = np.flatnonzero(np.asarray(split.labels) == digit)
    if not indices.size:
        raise ValueError(f"N-MNIST has no training recording with label {digit}")
    bin_ms = nmnist.metadata["bin_us"] / 1000
    spans = saccades(int(split.num_bins[indices[0]]) * bin_ms)
    counts = [counted(split, indices[0], span, bin_ms) for span in spans]
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots(1, SACCADES, sharey=True)
    for letter, axis, span, count in zip("ABC", axes, spans, counts, strict=True):
        _panel(axis, count)
        axis.set_title(f"({letter}) {span[0]:.0f} to {span[1]:.0f} ms")
    axes[0].set_ylabel("y / pixels")
    figure.legend(handles=_handles(), loc="outside lower center", ncols=2)
    return figure, _caption(digit, spans, counts, nmnist.metadata)


def saccades(length_ms):
    """Start and end in ms of each saccade of a recording of that length."""
    edges = [SACCADE_MS * number for number in range(SACCADES)]
    return list(zip(edges, [*edges[1:], max(length_ms, edges[-1])], strict=True))


def counted(split, index, span, bin_ms):
    """Events per pixel of a recording that start in a span of ms: P×H×W counts."""
    row = slice(int(split.indptr[index]), int(split.indptr[index + 1]))
    times = np.asarray(split.bin[row]) * bin_ms
    chosen = np.asarray(split.address[row])[(times >= span[0]) & (times < span[1])]
    flat = np.bincount(chosen, minlength=int(np.prod(split.sensor)))
    return flat.reshape(split.sensor)


def _panel(axis, count):
    """Circles for brighter, dots inside for darker: both can be seen on one pixel."""
    _, height, width = count.shape
    for polarity, look in _looks().items():
        y, x = np.nonzero(count[polarity])
        axis.plot(x, y, linestyle="none", **look)
    axis.set(xlim=(-0.8, width - 0.2), ylim=(height - 0.2, -0.8), aspect="equal")
    axis.set(
        xlabel="x / pixels", xticks=range(0, width, 10), yticks=range(0, height, 10)
    )
    axis.grid(False)


def _looks():
    return {
        BRIGHTER: {
            "marker": "o",
            "markersize": 3.9,
            "markerfacecolor": "none",
            "markeredgecolor": style.ORANGE,
            "markeredgewidth": 0.9,
        },
        DARKER: {
            "marker": "o",
            "markersize": 2.2,
            "color": style.BLUE,
            "markeredgewidth": 0,
        },
    }


def _handles():
    looks = _looks()
    return [
        Line2D([], [], linestyle="none", label="brighter (ON)", **looks[BRIGHTER]),
        Line2D([], [], linestyle="none", label="darker (OFF)", **looks[DARKER]),
    ]


def _filtered(time_us):
    return "not denoised" if time_us is None else f"denoised ({time_us:,} µs, 1 pixel)"


def _caption(digit, spans, counts, metadata):
    text = (
        f"The first training recording with label {digit}, as the network gets it: "
        f"{_filtered(metadata['filter_time_us'])} and binned "
        f"({metadata['bin_us']:,} µs). The sensor moves three times, about "
        f"{SACCADE_MS:.0f} ms each; a pixel is marked if it saw an event in that time, "
        "by polarity. Time runs from the first event."
    )
    parts = [
        f"{span[0]:.0f} to {span[1]:.0f} ms: {count[BRIGHTER].sum()} brighter and "
        f"{count[DARKER].sum()} darker"
        for span, count in zip(spans, counts, strict=True)
    ]
    alt = f"Events of a handwritten {digit}, in three panels. {'; '.join(parts)}."
    return Caption(TITLE, text, alt, 2)
