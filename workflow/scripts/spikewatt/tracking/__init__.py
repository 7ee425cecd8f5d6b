"""Recording elsewhere: a run's epochs and device readings in W&B or TensorBoard.

Off by default. What is recorded is a copy: the run's own files do not depend on it.
Nothing is written while a phase is measured.
"""

from pathlib import Path

from spikewatt.tracking.errors import TrackingError
from spikewatt.tracking.off import Off
from spikewatt.tracking.to_tensorboard import ToTensorboard
from spikewatt.tracking.to_wandb import ToWandb
from spikewatt.tracking.tracker import Tracker

__all__ = ["KINDS", "Off", "TrackingError", "open_tracker"]

KINDS = {"none": None, "wandb": ToWandb, "tensorboard": ToTensorboard}


def open_tracker(kind, results, plan, stack, seed):
    """The tracker of a run, to be used as a context manager.

    kind: a key of KINDS. results: the results folder; the tool's files go to
    «tracking/<run>» in it. plan: the run's settings (`workflow.plan`); stack, seed:
    the rest of its name. Raises TrackingError where the tool's library is missing.
    """
    if KINDS[kind] is None:
        return Off()
    name = f"{plan['experiment']}/{plan['network']}/{stack}/seed{seed}"
    settings = {**plan, "stack": stack, "seed": seed}
    folder = Path(results, "tracking", name)
    return Tracker(KINDS[kind](folder, name, settings))
