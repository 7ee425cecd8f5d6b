"""Tables that a test leaves beside its row, read back."""

import pandas as pd


def read(run, file, columns, words=()):
    """These columns of a file of a run, as numbers; None if missing or damaged.

    words: columns that are text, first in what is returned.
    """
    try:
        table = pd.read_csv(run.folder / file)[[*words, *columns]]
        return table.astype(dict.fromkeys(columns, float))
    except (OSError, ValueError, KeyError):
        return None


def missing(runs, of_run, stage):
    """A sentence on the runs of which `of_run` gives None, in a list.

    stage: the `stages.Stage` whose file it reads.
    """
    lost = [run.name for run in runs if of_run(run) is None]
    return [f"Without a whole {stage.numbers}: {', '.join(lost)}."] if lost else []
