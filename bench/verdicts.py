"""How often verdicts are right: the whole procedure on made-up runs of known truth.

    python bench/verdicts.py --out results/bench [--trials 2000]
    python bench/verdicts.py --out results/bench --redraw    # the figure alone

Each trial draws the paper's one run and this project's seeds, writes them where the
evidence of real runs stands, and asks `claims.verdicts.judge`. A run's number scatters
between seeds as the prior says (its own spread drawn anew for each trial, so that the
prior is right on average only) and is scored on a finite set. Truth: our runs have the
paper's mean (equal), or one that is one or three margins away. Writes verdicts.csv, a
figure of it and the table of docs/VERDICTS.md.
"""

import argparse
import math
import sys
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from spikewatt import paper  # noqa: E402
from spikewatt.claims import evidence, formula, hardware, priors, selfcheck, verdicts  # noqa: E402

QUANTITIES = {
    "exp1 test accuracy": "exp1_ann_test",
    "exp1 validation accuracy": "exp1_snn_val",
    "exp1 training accuracy": "exp1_ann_train",
    "exp1 overfitting": "exp1_ann_gap",
    "exp1 recall": "exp1_snn_recall",
    "exp2 test accuracy": "exp2_snn_test",
    "exp2 validation accuracy": "exp2_cnn_val",
    "exp3 test accuracy": "exp3_snn_nmnist_test",
    "exp1 best epoch": "exp1_snn_best_epoch",
    "exp1 power ratio": "exp1_power_more",
}
TRUTHS = {"equal": 0, "one_margin": 1, "three_margins": 3}
TITLES = {
    "equal": "the same mean as the paper's",
    "one_margin": "one margin away",
    "three_margins": "three margins away",
}
SEEDS = (1, 3, 5, 10)
ANSWERS = ("reproduced", "inconclusive", "not_reproduced")
# The columns of the table: words, truth, answer.
SHOWN = (
    ("same mean", "equal", "reproduced"),
    ("same mean", "equal", "not_reproduced"),
    ("one margin", "one_margin", "reproduced"),
    ("three margins", "three_margins", "reproduced"),
    ("three margins", "three_margins", "not_reproduced"),
)
# Told apart in grey too: dark, light, and white with hatching.
FILLS = (("#1f4e79", None), ("#d9d9d9", None), ("white", "/////"))
WANTED = 0.8  # share of true and of far-off runs to be decided from five seeds on


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("results/bench"))
    parser.add_argument("--trials", type=int, default=2000)
    parser.add_argument("--redraw", action="store_true")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "verdicts.csv"
    if not options.redraw:
        pd.DataFrame(rows(options.trials)).to_csv(path, index=False)
    table = pd.read_csv(path)
    draw(table, options.out / "verdicts")
    (options.out / "verdicts.md").write_text(markdown(table), encoding="utf-8")
    print(table.to_string(index=False))


def rows(trials):
    """A row for each quantity, truth and number of seeds, as shares of the trials."""
    claims = {claim["id"]: claim for claim in paper.claims()}
    for quantity, name in QUANTITIES.items():
        trial = Trial(claims, name)
        for truth, margins in TRUTHS.items():
            for seeds in SEEDS:
                rng = np.random.default_rng([seeds, margins, trials])
                given = [trial.answer(rng, margins, seeds) for _ in range(trials)]
                shares = {a: given.count(a.replace("_", " ")) / trials for a in ANSWERS}
                yield {
                    "quantity": quantity,
                    "truth": truth,
                    "seeds": seeds,
                    **shares,
                    "trials": trials,
                }


class Trial:
    """Draws of one claim's number, judged as real ones are."""

    def __init__(self, claims, name):
        self.claim = claims[name]
        self.definitions = {key: claim["formula"] for key, claim in claims.items()}
        self.numbers = selfcheck.published(list(claims.values()))
        self.by_ratio = bool(self.claim["judged_by"])
        key = "judged_by" if self.by_ratio else "formula"
        self.expanded = formula.expand(self.claim[key], self.definitions)
        if self.by_ratio:
            self.prior = hardware.ratio_prior(hardware.ratio_quantity(self.expanded))
            self.centre = math.log(formula.evaluate(self.claim["target"], self.numbers))
        else:
            self.prior = priors.of_claim(self.claim, self.expanded, self.numbers)
            self.centre = formula.evaluate(self.expanded, self.numbers)

    def answer(self, rng, margins, seeds):
        """The verdict on `seeds` runs whose mean is `margins` margins from the paper's.

        The paper's number is fixed, so its own error moves the truth instead.
        """
        weight = self.prior.weight
        spread = self.prior.spread * math.sqrt(weight / rng.chisquare(weight))
        paper_error = rng.normal(0, math.hypot(spread, self.prior.known))
        away = margins * self.prior.margin * rng.choice((-1, 1))
        values = rng.normal(self.centre + away - paper_error, spread, seeds)
        found = [self.seed(value) for value in values]
        return verdicts.judge(self.claim, self.definitions, found, self.numbers)[
            "verdict"
        ]

    def seed(self, value):
        """Evidence with which the claim's formula has this value.

        One cell of the formula is moved for it; the others are the paper's.
        """
        cells = {name: self.numbers[name] for name in formula.names(self.expanded)}
        (name, slope), *_ = formula.gradient(self.expanded, cells).items()
        if self.by_ratio:  # the ratio is proportional to the cell or to its inverse
            power = 1 if slope > 0 else -1
            now = math.log(formula.evaluate(self.expanded, cells))
            cells[name] *= math.exp(power * (value - now))
        else:
            now = formula.evaluate(self.expanded, cells)
            cells[name] += (value - now) / slope
        return evidence.Evidence(cells={**self.numbers, **cells})


def markdown(table):
    """Shares in percent, a line a quantity and number of seeds (docs/VERDICTS.md)."""
    header = [f"{words}: {answer.replace('_', ' ')}" for words, _, answer in SHOWN]
    lines = [
        f"| quantity | seeds | {' | '.join(header)} |",
        "|---|---:|" + "---:|" * len(SHOWN),
    ]
    for (quantity, seeds), part in table.groupby(["quantity", "seeds"], sort=False):
        shares = part.set_index("truth")
        cells = [f"{100 * shares.loc[t, a]:.1f}" for _, t, a in SHOWN]
        lines.append(f"| {quantity} | {seeds} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def draw(table, stem):
    """A panel a truth: shares of the answers, a bar a number of seeds."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "verdicts"  # the same file each time
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 3, figsize=(10, 8), sharey=True)
    for axis, truth in zip(axes, TRUTHS, strict=True):
        bars(axis, table[table["truth"] == truth])
        axis.set(title=TITLES[truth], xlabel="share of trials", xlim=(0, 1))
        if truth != "one_margin":
            axis.axvline(WANTED, color="black", linestyle="--", linewidth=0.8)
    label_bars(axes[0])
    figure.legend(*axes[0].get_legend_handles_labels(), loc="lower center", ncols=3)
    figure.tight_layout(rect=(0, 0.04, 1, 1))
    for suffix, metadata in (("svg", {"Date": None}), ("png", {})):
        figure.savefig(f"{stem}.{suffix}", dpi=120, metadata=metadata)


def bars(axis, part):
    """The stacked bars of one truth."""
    place = [
        place_of(quantity, seeds)
        for quantity, seeds in zip(part["quantity"], part["seeds"], strict=True)
    ]
    left = np.zeros(len(part))
    for answer, (colour, hatch) in zip(ANSWERS, FILLS, strict=True):
        axis.barh(
            place,
            part[answer],
            left=left,
            color=colour,
            hatch=hatch,
            edgecolor="black",
            linewidth=0.4,
            label=answer.replace("_", " "),
        )
        left += part[answer].to_numpy()


def place_of(quantity, seeds):
    """Where a bar stands: quantities one below the other, with a gap between."""
    return list(QUANTITIES).index(quantity) * (len(SEEDS) + 1) + SEEDS.index(seeds)


def label_bars(axis):
    """Quantities and numbers of seeds at the left."""
    ticks, labels = [], []
    for quantity in QUANTITIES:
        for seeds in SEEDS:
            ticks.append(place_of(quantity, seeds))
            labels.append(f"{quantity}, n = {seeds}" if seeds == 1 else str(seeds))
    axis.set_yticks(ticks, labels, fontsize=7)
    axis.set_ylabel("quantity, number of seeds n")
    axis.invert_yaxis()


if __name__ == "__main__":
    main()
