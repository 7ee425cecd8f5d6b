"""Figure 4: a leaky integrate-and-fire neuron, from input spikes to output spikes."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from spikewatt.figures import style
from spikewatt.figures.saving import Caption
from spikewatt.network.neuron.definition import lif

SIZE = (style.ONE_COLUMN, 3.4)
STEPS = 60
TITLE = "Leaky integrate-and-fire neuron"
# Weights of the inputs in thresholds, and how often each fires.
WEIGHTS = np.array([0.5, 0.35, 0.6, 0.25])
RATES = np.array([0.25, 0.45, 0.1, 0.3])
SEED = 4


def simulate(beta, threshold):
    """Spike trains of the inputs, membrane potential and spikes of the neuron.

    Returns (inputs: steps × inputs, potential: steps, spikes: steps), by equations
    (5) and (6) of the paper.
    """
    random = np.random.default_rng(SEED).random((STEPS, len(WEIGHTS)))
    inputs = (random < RATES).astype(np.float32)
    spikes, potential = lif(inputs @ (WEIGHTS * threshold), beta, threshold)
    return inputs, potential, spikes


@style.styled
def draw(beta, threshold):
    """Input spikes, membrane potential and output spikes; (Figure, Caption)."""
    inputs, potential, spikes = simulate(beta, threshold)
    fired = np.flatnonzero(spikes)
    figure = Figure(figsize=SIZE, layout="constrained")
    ratios = {"height_ratios": [1.1, 2, 0.55]}
    above, middle, below = figure.subplots(3, 1, sharex=True, gridspec_kw=ratios)
    _raster(above, [np.flatnonzero(column) for column in inputs.T], style.ORANGE)
    above.set_title("(A) Input spikes")
    above.set_ylabel("input")
    above.set_yticks(range(len(WEIGHTS)), range(1, len(WEIGHTS) + 1))
    _potential(middle, potential, fired, threshold)
    _raster(below, [fired], style.BLUE)
    below.set_title("(C) Output spikes")
    below.set(yticks=[], xlabel="time step t", xlim=(-1, STEPS))
    text = (
        f"Spikes of {len(WEIGHTS)} inputs add to the membrane potential U, weighted; "
        f"it decays by β = {beta:g} a step. Where it passes the threshold "
        f"θ = {threshold:g} the neuron fires (crosses), and θ is subtracted one step "
        "later. Computed with the neuron of this project."
    )
    alt = (
        f"Over {STEPS} time steps {int(inputs.sum())} input spikes arrive; the "
        f"membrane potential passes the threshold {threshold:g} in {fired.size} steps, "
        "and the neuron fires in these."
    )
    return figure, Caption(TITLE, text, alt, 4)


def _raster(axis, trains, colour):
    axis.eventplot(
        trains,
        lineoffsets=range(len(trains)),
        colors=colour,
        linelengths=0.7,
        linewidths=1.3,
    )
    axis.set_ylim(-0.6, len(trains) - 0.4)
    axis.grid(False)


def _potential(axis, potential, fired, threshold):
    axis.plot(np.arange(len(potential)), potential, color=style.INK, linewidth=1.1)
    axis.plot(
        fired,
        potential[fired],
        linestyle="none",
        marker="x",
        markersize=4.5,
        markeredgewidth=1.3,
        color=style.BLUE,
    )
    axis.axhline(threshold, color=style.GREY, linewidth=0.9, linestyle="--")
    axis.annotate(
        "θ",
        (1, threshold),
        xycoords=("axes fraction", "data"),
        xytext=(3, 0),
        textcoords="offset points",
        va="center",
        annotation_clip=False,
    )
    axis.set_title("(B) Membrane potential")
    axis.set_ylabel("U[t]")
    axis.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
