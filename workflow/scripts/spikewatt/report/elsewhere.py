"""«On other hardware»: what the table of estimates comes to, in sentences."""

import pandas as pd

COLUMNS = (
    *("experiment", "network", "label", "title", "kind", "ratio", "favours_snn"),
    *("spikes_per_synapse", "steps"),
)


def sentences(path):
    """Where each spiking network would win, by which models, and what would change it.

    path: of estimates.csv. A sentence a question over all pairs; empty where no spiking
    network meets one that does not spike, or the file is missing or damaged.
    """
    try:
        table = pd.read_csv(path)[list(COLUMNS)]
        table = table[table["favours_snn"].notna()]
        table["ratio"] = table["ratio"].astype(float)
    except (OSError, ValueError, KeyError):
        return []
    pairs = [rows for _, rows in table.groupby(["experiment", "network"], sort=False)]
    if not pairs:
        return []
    return [where(pairs), under_which(pairs), what_would_change(pairs)]


def where(pairs):
    """The first sentence: how many models favour each, and their range."""
    told = [
        f"{name(rows)} under {int(rows['favours_snn'].sum())} of {len(rows)} models "
        f"({rows['ratio'].min():.2g} to {rows['ratio'].max():.2g} times its rival)"
        for rows in pairs
    ]
    return f"By estimates, none of it measured, would win: {'; '.join(told)}."


def under_which(pairs):
    """The second: the kinds of models under which each wins, and loses."""
    told = []
    for rows in pairs:
        wins, loses = (_kinds(rows, side) for side in (True, False))
        told.append(f"{name(rows)} wins by {wins} and loses by {loses}")
    return f"It depends on what is counted: {'; '.join(told)}."


def what_would_change(pairs):
    """The third: what it takes to win under most models.

    All that a spiking network costs grows with its time steps, at a given rate: so a
    ratio of 3 needs a third of the steps, or of the spikes as far as they are what
    costs. (Yan's twin has fewer bits then, so that it takes a little more.)
    """
    told = []
    for rows in pairs:
        needed = factor(rows["ratio"])
        now = rows.iloc[0]
        if needed <= 1:
            told.append(f"{name(rows)} wins under most as it is")
            continue
        told.append(
            f"{name(rows)} would need {needed:.2g} times fewer time steps at its rate "
            f"(about {now['steps'] / needed:.2g} instead of {now['steps']:.4g}), or as "
            f"many times fewer spikes (now {now['spikes_per_synapse']:.2g} per synapse)"
        )
    return f"To win under most models: {'; '.join(told)}."


def factor(ratios):
    """By how much all ratios must fall for more than half of them to be below 1."""
    ordered = sorted(ratios)
    return ordered[len(ordered) // 2]


def name(rows):
    """«exp1, SNN»."""
    return f"{rows['experiment'].iloc[0]}, {rows['label'].iloc[0]}"


def _kinds(rows, wins):
    chosen = rows[(rows["ratio"] < 1) == wins]
    counts = chosen.groupby("kind", sort=False).size()
    told = [f"{kind} ({count})" for kind, count in counts.items()]
    return ", ".join(told) or "none"
