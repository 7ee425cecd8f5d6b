"""Draws docs/images/architecture.svg: the library's rooms and what imports what.

    python docs/make_architecture.py

The arrows are the imports in the source; the lines that the rooms stand on and the
words below their names are those of the contracts in pyproject.toml.
"""

import argparse
import tomllib
from pathlib import Path

import grimp
import networkx as nx
from matplotlib import pyplot as plt
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "images" / "architecture.svg"
WIDTH, HEIGHT = 0.19, 0.075  # of a box, where the drawing is 1 × 1
NEAR, FAR = "#24507a", "#b9c6d3"
STYLE = {"svg.hashsalt": "spikewatt", "svg.fonttype": "none", "font.size": 9}


def arrows():
    """The rooms as a graph: an edge where a module of one imports one of the other."""
    imports = grimp.build_graph("spikewatt", cache_dir=None)
    graph = nx.DiGraph()
    for module in sorted(imports.modules - {"spikewatt"}):
        graph.add_node(module.split(".")[1])
        for target in sorted(imports.find_modules_directly_imported_by(module)):
            if target != "spikewatt":
                graph.add_edge(module.split(".")[1], target.split(".")[1])
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    return graph


def contracts():
    """(lines of rooms from the top, {room: its job}) of pyproject.toml."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    layers = next(c["layers"] for c in listed if c["type"] == "layers")
    jobs = [c["name"].split(": ", 1) for c in listed if c["type"] == "protected"]
    return [layer.split(" | ") for layer in layers], dict(jobs)


def described(graph):
    """The arrows as text, a room a line; it is kept in the picture."""
    lines = [
        f"{room} → {', '.join(sorted(graph[room])) or 'nothing'}"
        for room in sorted(graph)
    ]
    return "\n".join(lines)


def drawn(graph, layers, jobs, path):
    """Draw the rooms; pale arrows go where darker ones lead already, by a detour."""
    figure, axes = plt.subplots(figsize=(9, 8), layout="constrained")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.axis("off")
    at = {
        room: ((k + 0.5) / len(layer), 1 - (line + 0.5) / len(layers))
        for line, layer in enumerate(layers)
        for k, room in enumerate(layer)
    }
    short = nx.transitive_reduction(graph)
    for source, target in sorted(
        graph.edges, key=lambda edge: (short.has_edge(*edge), edge)
    ):
        _arrow(axes, at[source], at[target], short.has_edge(source, target))
    for room, where in at.items():
        _box(axes, where, room, jobs[room])
    path.parent.mkdir(parents=True, exist_ok=True)
    words = {"Title": "The rooms of spikewatt", "Description": described(graph)}
    figure.savefig(path, metadata={"Date": None, **words})
    plt.close(figure)


def _arrow(axes, start, end, near):
    (x, y), (to_x, to_y) = start, end
    # Leaves and arrives on the side that faces the other, so that arrows fan out.
    aside = max(-0.4, min(0.4, 0.6 * (to_x - x))) * WIDTH
    axes.add_patch(
        FancyArrowPatch(
            (x + aside, y - HEIGHT / 2),
            (to_x - aside, to_y + HEIGHT / 2),
            arrowstyle="-|>",
            mutation_scale=11,
            connectionstyle=f"arc3,rad={0.06 if to_x >= x else -0.06}",
            color=NEAR if near else FAR,
            linewidth=1.2 if near else 0.8,
            shrinkA=0,
            shrinkB=1,
            zorder=2 if near else 1,
        )
    )


def _box(axes, where, name, job):
    x, y = where
    axes.add_patch(
        FancyBboxPatch(
            (x - WIDTH / 2, y - HEIGHT / 2),
            WIDTH,
            HEIGHT,
            boxstyle="round,pad=0.004,rounding_size=0.012",
            facecolor="white",
            edgecolor=NEAR,
            zorder=3,
        )
    )
    axes.text(x, y + 0.014, name, ha="center", va="center", weight="bold", zorder=4)
    axes.text(x, y - 0.014, job, ha="center", va="center", fontsize=6, zorder=4)


def main():
    """Draw the picture; `--out` names another file."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=PICTURE)
    with plt.rc_context(STYLE):
        drawn(arrows(), *contracts(), parser.parse_args().out)


if __name__ == "__main__":
    main()
