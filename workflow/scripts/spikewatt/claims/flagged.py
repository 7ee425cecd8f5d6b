"""What a verdict rests on where epochs were flagged, and that it says so."""

from spikewatt.claims import formula
from spikewatt.results import stats
from spikewatt.results.equivalence import INCONCLUSIVE, NOT_REPRODUCED, REPRODUCED


def columns(expanded, cells, seeds):
    """`flags`, words; `run_value_all`, the mean with the flagged epochs in it.

    expanded: the formula of the number that is shown; cells: all that the verdict rests
    on; seeds: list of `Evidence`.
    """
    return {
        "flags": " ".join(words(cells, seeds)),
        "run_value_all": _of_all_epochs(expanded, seeds),
    }


def words(cells, seeds):
    """The flags of cells in any seed, each once."""
    raised = [word for seed in seeds for n in cells for word in seed.flags.get(n, ())]
    return list(dict.fromkeys(raised))


def said(judged, told, cells, seeds, unit):
    """A verdict that says what was flagged.

    What rests on flagged epochs alone proves nothing: it is inconclusive.
    told: with `columns`; the others as there; unit: of the number that is shown.
    """
    raised = words(cells, seeds)
    if not raised:
        return judged
    if not any(name in seed.flagged for seed in seeds for name in cells):
        every = told["run_value_all"]
        also = "" if every is None else f" ({every:.4g} {unit}".rstrip() + " with them)"
        without = f"without epochs flagged {_listed(raised)}{also}"
        return judged | {"basis": f"{judged['basis']}; {without}"}
    answer = judged["verdict"]
    told = f"rests on numbers flagged {_listed(raised)}"
    if answer in (REPRODUCED, NOT_REPRODUCED):
        told += f", without which it would be {answer}"
        judged = judged | {"verdict": INCONCLUSIVE}
    return judged | {"basis": f"{told}; {judged['basis']}"}


def _of_all_epochs(expanded, seeds):
    """The mean over seeds of what all epochs give; None where none was left out."""
    names = formula.names(expanded)
    if not any(name in seed.whole for seed in seeds for name in names):
        return None
    values = [formula.evaluate(expanded, seed.cells | seed.whole) for seed in seeds]
    return stats.mean_ci(values)[0]


def _listed(raised):
    return ", ".join(f"«{word}»" for word in raised)
