"""How often verdicts are right: the whole procedure on made-up runs of known truth.

    python bench/verdicts.py --out results/bench [--trials 2000]

Each trial draws the paper's one run and this project's seeds, writes them where the
evidence of real runs stands, and asks `claims.verdicts.judge`. A run's number scatters
between seeds as the prior says (its own spread drawn anew for each trial, so that the
prior is right on average only) and is scored on a finite set. Truth: our runs have the
paper's mean (equal), or one that is one or three margins away. Writes verdicts.csv and
a figure of it.
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
SEEDS = (1, 3, 5, 10)
ANSWERS = ("reproduced", "inconclusive", "not_reproduced")
COLOURS = ("#f28e2b", "#bbbbbb", "#1f77b4")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("results/bench"))
    parser.add_argument("--trials", type=int, default=2000)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    table = pd.DataFrame(rows(options.trials))
    table.to_csv(options.out / "verdicts.csv", index=False)
    draw(table, options.out / "verdicts")
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


def draw(table, stem):
    """One panel a truth: shares of the answers by quantity and number of seeds."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 3, figsize=(11, 7), sharey=True)
    names = list(QUANTITIES)
    for axis, truth in zip(axes, TRUTHS, strict=True):
        part = table[table["truth"] == truth]
        place = [
            names.index(q) * (len(SEEDS) + 1) + SEEDS.index(s)
            for q, s in zip(part["quantity"], part["seeds"], strict=True)
        ]
        left = np.zeros(len(part))
        for answer, colour in zip(ANSWERS, COLOURS, strict=True):
            axis.barh(
                place,
                part[answer],
                left=left,
                color=colour,
                edgecolor="black",
                linewidth=0.4,
                hatch="////" if answer == "not_reproduced" else None,
                label=answer.replace("_", " "),
            )
            left += part[answer].to_numpy()
        axis.set(title=f"truth: {truth.replace('_', ' ')}", xlabel="share of trials")
    ticks = [n * (len(SEEDS) + 1) + i for n in range(len(names)) for i in range(4)]
    labels = [
        f"{name}, {s}" if i == 0 else str(s)
        for name in names
        for i, s in enumerate(SEEDS)
    ]
    axes[0].set_yticks(ticks, labels, fontsize=7)
    axes[0].set_ylabel("quantity, number of seeds")
    axes[0].invert_yaxis()
    figure.legend(*axes[0].get_legend_handles_labels(), loc="lower center", ncols=3)
    figure.tight_layout(rect=(0, 0.05, 1, 1))
    for suffix in ("svg", "png"):
        figure.savefig(f"{stem}.{suffix}", dpi=120)


if __name__ == "__main__":
    main()
