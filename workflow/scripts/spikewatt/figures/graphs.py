"""Figures 5 and 6: how a spiking neuron is computed forward and backward over time."""

import networkx
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spikewatt.figures import style
from spikewatt.figures.saving import Caption

SIZE = (style.ONE_COLUMN, 3.7)
STEPS = 3
NODE_SIZE = 560  # square points
# What an edge is for the last time step.
IMMEDIATE, PRIOR, OTHER = "immediate influence", "prior influence", "other"
LOOKS = {
    IMMEDIATE: {"color": style.BLUE, "width": 2.0, "style": "-"},
    PRIOR: {"color": style.ORANGE, "width": 1.6, "style": "--"},
    OTHER: {"color": style.GREY, "width": 0.8, "style": "-"},
}
FORWARD = (
    "Computation graph of forward propagation",
    "Equations (5) and (6) over {steps} time steps. The weights W are the same in each "
    "step (W[s] = W), where they weigh the input X[s]. For the last step, applying W "
    "there is the immediate influence; earlier applications reach it through the "
    "membrane potential, which decays by β: the prior influence. A spike subtracts the "
    "threshold θ one step later.",
)
BACKWARD = (
    "Computation graph of backward propagation",
    "Gradients run against the arrows of forward propagation. From the last loss "
    "L[{steps}] they reach the weights at once (immediate influence) and, through the "
    "membrane potentials before, their earlier applications (prior influence); every "
    "loss does so, and ∂L/∂W is the sum over all (equation 10). The step S = U > θ "
    "passes on the surrogate gradient σ′(U) of the arctangent; the reset none.",
)


def forward(steps=STEPS):
    """Equations (5) and (6) as a graph over time: nodes W, W[s], U[s], S[s].

    Each edge has a `kind`: what it is for the membrane potential of the last step.
    """
    graph = _nodes(("W[{}]", "U[{}]", "S[{}]"), steps)
    for step in range(1, steps + 1):
        kind = IMMEDIATE if step == steps else PRIOR
        graph.add_edge("W", f"W[{step}]", kind=OTHER, label="")
        graph.add_edge(f"W[{step}]", f"U[{step}]", kind=kind, label=f"× X[{step}]")
        graph.add_edge(f"U[{step}]", f"S[{step}]", kind=OTHER, label="> θ")
    for step in range(1, steps):
        graph.add_edge(f"U[{step}]", f"U[{step + 1}]", kind=PRIOR, label="β")
        graph.add_edge(f"S[{step}]", f"U[{step + 1}]", kind=OTHER, label="−θ")
    return graph


def backward(steps=STEPS):
    """The way of gradients from each loss L[s] to W, as a graph over time.

    Each edge has a `kind`: what it is for the loss of the last step.
    """
    graph = _nodes(("W[{}]", "U[{}]", "S[{}]", "L[{}]"), steps)
    for step in range(1, steps + 1):
        last = step == steps
        loss = IMMEDIATE if last else OTHER
        weights = IMMEDIATE if last else PRIOR
        graph.add_edge(f"L[{step}]", f"S[{step}]", kind=loss, label="")
        graph.add_edge(f"S[{step}]", f"U[{step}]", kind=loss, label="σ′(U)")
        graph.add_edge(f"U[{step}]", f"W[{step}]", kind=weights, label=f"× X[{step}]")
        graph.add_edge(f"W[{step}]", "W", kind=OTHER, label="+" if last else "")
    for step in range(1, steps):
        graph.add_edge(f"U[{step + 1}]", f"U[{step}]", kind=PRIOR, label="β")
    return graph


@style.styled
def draw(direction, steps=STEPS):
    """The graph of "forward" or "backward" propagation; returns (Figure, Caption)."""
    graph = forward(steps) if direction == "forward" else backward(steps)
    title, text = FORWARD if direction == "forward" else BACKWARD
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    _draw(axes, graph)
    axes.set_axis_off()
    axes.margins(0.09)
    figure.legend(handles=_handles(), loc="outside lower center", ncols=2)
    return figure, Caption(
        title, text.format(steps=steps), _alt(graph), 5 if direction == "forward" else 6
    )


def _nodes(names, steps):
    """A row for W alone, and one for each name with a node a time step."""
    graph = networkx.DiGraph()
    graph.add_node("W", row=0)
    for row, name in enumerate(names, start=1):
        for step in range(1, steps + 1):
            graph.add_node(name.format(step), row=row)
    return graph


def _draw(axes, graph):
    rows = {}
    for node, row in graph.nodes(data="row"):
        rows.setdefault(row, []).append(node)
    # Lists, since the layout would order the nodes of a row by chance.
    places = networkx.multipartite_layout(graph, rows, align="horizontal")
    networkx.draw_networkx_nodes(
        graph,
        places,
        ax=axes,
        node_size=NODE_SIZE,
        node_color="white",
        edgecolors=style.INK,
        linewidths=1,
    )
    networkx.draw_networkx_labels(graph, places, ax=axes, font_size=7)
    for kind, look in LOOKS.items():
        edges = [(a, b) for a, b, of in graph.edges(data="kind") if of == kind]
        networkx.draw_networkx_edges(
            graph,
            places,
            ax=axes,
            edgelist=edges,
            edge_color=look["color"],
            width=look["width"],
            style=look["style"],
            node_size=NODE_SIZE,
            arrowsize=9,
        )
    _label(axes, graph, places)


def _label(axes, graph, places):
    """Labels stand beside upright edges, which are short, and on all others."""
    labels = {(a, b): text for a, b, text in graph.edges(data="label") if text}
    upright = {edge for edge in labels if places[edge[0]][0] == places[edge[1]][0]}
    beside = {node: (x + 0.03, y) for node, (x, y) in places.items()}
    white = {"boxstyle": "round,pad=0.12", "facecolor": "white", "edgecolor": "none"}
    clear = {"boxstyle": "round,pad=0.12", "facecolor": "none", "edgecolor": "none"}
    for chosen, where, side, box in (
        (upright, beside, "left", clear),
        (labels.keys() - upright, places, "center", white),
    ):
        networkx.draw_networkx_edge_labels(
            graph,
            where,
            {edge: text for edge, text in labels.items() if edge in chosen},
            ax=axes,
            font_size=6.5,
            rotate=False,
            horizontalalignment=side,
            bbox=box,
        )


def _handles():
    return [
        Line2D(
            [],
            [],
            color=LOOKS[kind]["color"],
            linewidth=LOOKS[kind]["width"],
            linestyle=LOOKS[kind]["style"],
            label=kind,
        )
        for kind in (IMMEDIATE, PRIOR)
    ]


def _alt(graph):
    def listed(kind):
        return ", ".join(
            f"{a} to {b}" for a, b, of in graph.edges(data="kind") if of == kind
        )

    return (
        f"Graph with an arrow for each dependence. Immediate influence: "
        f"{listed(IMMEDIATE)}. Prior influence: {listed(PRIOR)}. "
        f"Others: {listed(OTHER)}."
    )
