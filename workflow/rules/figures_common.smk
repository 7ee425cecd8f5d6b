# What the rules of figures.smk ask: which figures there are, their files and words.
from spikewatt.figures.layers import drawings

# Figures 7 to 9 and 10 to 12 of the paper; other experiments have figures by name.
PAPER_FIGURES = {"exp1": (7, 10), "exp2": (8, 11), "exp3": (9, 12)}
ARCHITECTURE_FIGURES = {
    (
        f"fig{PAPER_FIGURES[name][0]:02}"
        if name in PAPER_FIGURES
        else f"fig_{name}_architecture"
    ): name
    for name in EXPERIMENTS
}
RESULT_FIGURES = {
    f"fig{PAPER_FIGURES[name][1]}" if name in PAPER_FIGURES else f"fig_{name}": name
    for name in EXPERIMENTS
}
GRAPH_FIGURES = {"fig05": "forward", "fig06": "backward"}
METHODS, OUTCOMES = "Data, neuron and networks", "Result figures"
FIGURES = [
    "fig01",
    "fig02",
    "fig03",
    "fig04",
    *GRAPH_FIGURES,
    *ARCHITECTURE_FIGURES,
    *RESULT_FIGURES,
    "fig_stacks",
    "fig_tradeoff",
    "fig_epoch_times",
]
FIGURE_SUFFIXES = ("svg", "png", "pdf", "json")
FIGURE_STYLE = source_file("figures", "spikewatt.mplstyle")
PAPER_TABLE1 = source_file("paper", "table1.csv")


wildcard_constraints:
    graph_figure="|".join(GRAPH_FIGURES),
    architecture_figure="|".join(ARCHITECTURE_FIGURES),
    result_figure="|".join(RESULT_FIGURES),


def figure_files():
    """All files of all figures."""
    return [
        f"{RESULTS}/figures/{stem}.{suffix}"
        for stem in FIGURES
        for suffix in FIGURE_SUFFIXES
    ]


def drawn(stem, caption, category, figure):
    """The files of one figure; the SVG is marked for Snakemake's own report.

    figure: what it is called there, or a function of the wildcards that says so.
    """
    first, *others = (f"{RESULTS}/figures/{stem}.{s}" for s in FIGURE_SUFFIXES)
    marked = report(
        first,
        caption=f"../report/{caption}.rst",
        category=category,
        labels=lambda wildcards: {
            "figure": figure(wildcards) if callable(figure) else figure
        },
    )
    return [marked, *others]


def figure_stem(wildcards, output):
    """Where a figure is written, without the suffix."""
    return str(Path(output[0]).with_suffix(""))


def architecture_of(wildcards):
    """All that an architecture's drawing shows, as one dict."""
    experiment = ARCHITECTURE_FIGURES[wildcards.architecture_figure]
    return {
        "drawings": drawings(config, experiment),
        "number": PAPER_FIGURES.get(experiment, (None, None))[0],
        "title": EXPERIMENTS[experiment]["title"],
    }


def result_runs(wildcards):
    """The runs that an experiment's figure is drawn from."""
    experiment = RESULT_FIGURES[wildcards.result_figure]
    return [run for run in TABLE_RUNS if run["experiment"] == experiment]


def result_of(wildcards):
    """All that an experiment's figure shows beside its runs, as one dict.

    `plans`: what the runs must have been made with.
    """
    experiment = RESULT_FIGURES[wildcards.result_figure]
    return {
        "number": PAPER_FIGURES.get(experiment, (None, None))[1],
        "title": EXPERIMENTS[experiment]["title"],
        "plans": {
            name: plan
            for name, plan in PLANS.items()
            if name.startswith(f"{experiment}/")
        },
    }


def shown_name(stem):
    """«Figure 7» for fig07, and the name for a figure that the paper has not."""
    number = stem.removeprefix("fig")
    return f"Figure {int(number)}" if number.isdigit() else f"Figure {stem}"


def graph_name(wildcards):
    """What the figure of a computation graph is called."""
    figure = wildcards.graph_figure
    return f"{shown_name(figure)}: {GRAPH_FIGURES[figure]} propagation"


def architecture_name(wildcards):
    """What the figure of an experiment's networks is called."""
    figure = wildcards.architecture_figure
    return f"{shown_name(figure)}: networks of {ARCHITECTURE_FIGURES[figure]}"


def result_name(wildcards):
    """What the figure of an experiment's results is called."""
    figure = wildcards.result_figure
    return f"{shown_name(figure)}: {RESULT_FIGURES[figure]}"
