"""How often the neurons of each layer of the spiking networks fire."""

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from spikewatt.figures import series, style
from spikewatt.figures.axes import legend_columns, say
from spikewatt.figures.saving import Caption
from spikewatt.results import firing, measured, stats

TITLE = "Firing rates by layer"
CAPTION = (
    "Spikes per neuron and time step of each layer, over the whole test set; the last "
    "layer is the output. Networks that do not spike are not drawn."
)
HEIGHT, LINE = 2.6, 0.18  # inches: of all but the legend, of a line of it


@style.styled
def draw(runs):
    """A panel an experiment with a line a spiking network; (Figure, Caption)."""
    groups = list(measured.by_network(runs).values())
    found = [(group, firing.by_layer(group)) for group in groups]
    found = [(group, layers) for group, layers in found if layers]
    names = list(dict.fromkeys(group[0].experiment for group, _ in found))
    size = (style.TWO_COLUMNS, HEIGHT + LINE * max(0, len(found) - 2))
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(1, max(1, len(names)), sharey=True, squeeze=False)[0]
    handles = [_line(panels[names.index(g[0].experiment)], g, ls) for g, ls in found]
    for axis, name in zip(panels, names, strict=False):
        axis.set(title=name, xlabel="layer", ylim=(0, None))
        axis.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axis.margins(x=0.15)
    if handles:
        panels[0].set_ylabel("spikes per neuron and step")
        columns = legend_columns(handles, style.TWO_COLUMNS)
        figure.legend(handles=handles, loc="outside upper center", ncols=columns)
    else:
        say(panels[0], "no spiking network was tested yet")
    told = (*firing.missing(runs), *series.interval_note([len(g) for g, _ in found]))
    alt = " ".join(_spoken(group, layers) for group, layers in found)
    return figure, Caption(TITLE, CAPTION, alt or "No rates.", notes=told)


def _line(axis, group, layers):
    """Draw a network's layers; returns what stands for it in the legend."""
    means = [stats.mean_ci(rates) for _, _, rates in layers]
    position = group[0].position
    return axis.errorbar(
        [layer for layer, _, _ in layers],
        [mean for mean, _, _ in means],
        yerr=[half if half and half < mean else 0 for mean, half, _ in means],
        capsize=2,
        color=style.colour(position),
        marker=style.marker(position),
        label=_name(group),
    )


def _name(group):
    return f"{group[0].experiment}, {group[0].label}"


def _spoken(group, layers):
    rates = [series.number(stats.mean_ci(rates)[0]) for _, _, rates in layers]
    return f"{_name(group)}, layer by layer: {', '.join(rates)}."
