"""Figure 3: the RC circuit that a passive membrane behaves like."""

import schemdraw
import schemdraw.elements as parts
from matplotlib.figure import Figure

from spikewatt.figures import style
from spikewatt.figures.saving import Caption

SIZE = (style.ONE_COLUMN, 1.75)
CAPTION = Caption(
    "RC circuit of the passive membrane",
    "The input current charges the membrane's capacitance C and leaks through its "
    "resistance R, so that the membrane potential U follows "
    "τ dU/dt = −U + R·I with τ = R·C (equation 1 of the paper). A spike leaves when "
    "U passes the threshold θ.",
    "Circuit diagram: a current source, a resistor R and a capacitor C in parallel. "
    "The input current splits into U/R through the resistor and C·dU/dt into the "
    "capacitor; the voltage across them is the membrane potential U(t).",
    3,
)


@style.styled
def draw():
    """Returns (Figure, Caption)."""
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    drawing = schemdraw.Drawing(show=False)
    drawing.config(unit=3.6, fontsize=8, lw=1.2, font="DejaVu Sans")
    with drawing:
        _circuit()
    drawing.draw(canvas=axes, show=False)
    axes.set_axis_off()
    axes.set_aspect("equal")
    axes.margins(0.03)
    return figure, CAPTION


def _circuit():
    source = parts.SourceI().up().label("$I_{in}(t)$", loc="top", color=style.INK)
    parts.Line().at(source.end).right(2.8)
    top = parts.Dot()
    resistor = parts.Resistor().down().label("$R$", loc="bottom")
    parts.CurrentLabelInline(direction="in", ofst=-1.15).at(resistor).label(
        "$U/R$", loc="top"
    )
    bottom = parts.Dot()
    parts.Line().at(source.start).to(bottom.center)
    parts.Line().at(top.center).right(2.8)
    corner = parts.Dot()
    capacitor = parts.Capacitor().down().label("$C$", loc="bottom")
    parts.CurrentLabelInline(direction="in", ofst=-1.15).at(capacitor).label(
        r"$C\,\frac{dU}{dt}$", loc="top"
    )
    end = parts.Dot()
    parts.Line().at(bottom.center).to(end.center)
    parts.Line().at(corner.center).right(1.8)
    upper = parts.Dot(open=True)
    parts.Line().at(end.center).right(1.8)
    lower = parts.Dot(open=True)
    parts.Gap().at(upper.center).to(lower.center).label(
        ("+", "$U(t)$", "–"), color=style.BLUE
    )
