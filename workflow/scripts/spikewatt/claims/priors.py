"""What is declared of a quantity before it is measured: margin, spread, sampling.

Margins stand in `paper/margins.csv`, one for each experiment and kind of quantity.
The rest follows from the paper's own numbers, shares of right answers, by
`results.equivalence.share_errors`.
"""

import math

from spikewatt import paper
from spikewatt.claims import formula
from spikewatt.paper import protocol
from spikewatt.results import equivalence
from spikewatt.results.equivalence import Prior

# Cells that are shares of right answers: part of the data, unit in which they stand.
SHARES = {
    "best_train_accuracy_pct": ("train", 100.0),
    "best_val_accuracy_pct": ("val", 100.0),
    "test_accuracy_pct": ("test", 100.0),
    "recall": ("test", 1.0),
    "f1": ("test", 1.0),
}
# The prior's spread counts as much as this many seeds of one's own.
WEIGHT = 4.0


def of_claim(claim, expanded, numbers):
    """The `Prior` of a claim's formula, or None where none was declared.

    expanded: the formula with other claims put in; numbers: name → printed number.
    Variances of the cells add up, scaled by the squares of the formula's slopes.
    """
    quantity = quantity_of(claim["kind"], expanded)
    declared = paper.margins().get((claim["experiment"], quantity))
    if declared is None:
        return None
    if declared["spread"] is not None:
        return Prior(declared["margin"], declared["spread"], WEIGHT)
    spread = known = 0.0
    for name, slope in formula.gradient(expanded, numbers).items():
        between, sampled = share_errors(name, numbers[name])
        spread += (slope * between) ** 2
        known += (slope * sampled) ** 2
    return Prior(declared["margin"], math.sqrt(spread), WEIGHT, math.sqrt(known))


def quantity_of(kind, expanded):
    """Which row of margins.csv a formula belongs to, or None.

    kind: that of the claim, which says the formula's unit.
    """
    cells = [name.split(".")[-1] for name in formula.names(expanded)]
    if all(cell in SHARES for cell in cells):
        return f"{kind}_difference" if "-" in expanded else kind
    if all(cell == "epochs_to_best_val" for cell in cells):
        return "best_epoch"
    return None


def samples(experiment, network):
    """Samples of the paper's sets: «train», «val» (split off it) and «test»."""
    whole, fraction, test = (
        protocol.value(experiment, network, key)
        for key in ("train_samples", "validation_fraction", "test_samples")
    )
    validating = round(whole * fraction)
    return {"train": whole - validating, "val": validating, "test": test}


def share_errors(name, printed):
    """(spread between seeds, sampling error) of a share, in the unit it stands in."""
    _, experiment, network, cell = name.split(".")
    part, unit = SHARES[cell]
    count = samples(experiment, network)[part]
    between, sampled = equivalence.share_errors(printed / unit, count)
    return unit * between, unit * sampled
