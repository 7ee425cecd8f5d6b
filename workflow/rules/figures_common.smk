# What the rules of figures.smk ask: which figures there are, and their files.
FIGURE_STYLE = source_file("figures", "spikewatt.mplstyle")
FIGURE_ENTRIES = of_config(figure_registry)


def drawn(figure):
    """The files of a figure; the SVG is marked for Snakemake's own report."""
    first, *others = (
        f"{RESULTS}/figures/{figure.name}.{suffix}" for suffix in figure.formats
    )
    marked = report(
        first,
        caption=f"../report/{figure.caption}.rst",
        category=figure.category,
        labels={"figure": figure.title},
    )
    return [marked, *others]


def figure_files(entries=FIGURE_ENTRIES):
    """All files of these figures."""
    return [
        f"{RESULTS}/figures/{figure.name}.{suffix}"
        for figure in entries
        for suffix in figure.formats
    ]


def figures_of(experiment):
    """The files of the figures of one experiment: its results and its networks."""
    return figure_files(
        entry for entry in FIGURE_ENTRIES if entry.experiment == experiment
    )


def message_of(figure):
    """«Figure 7: …», and the name first for a figure that has no such title."""
    title = figure.title
    return title if title.startswith("Figure") else f"Figure {figure.name}: {title}"
