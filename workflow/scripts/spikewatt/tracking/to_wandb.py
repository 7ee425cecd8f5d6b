"""`tracking: wandb`: a Weights & Biases run, offline unless its user says otherwise."""

import logging
import os
from pathlib import Path

import psutil

from spikewatt.tracking.errors import TrackingError, library

log = logging.getLogger("spikewatt")

# Only what is handed over is recorded: no screen output, code, git state or machine
# facts, and no system metrics of W&B's own, which would be taken while we measure.
SETTINGS = {
    "console": "off",
    "silent": True,
    "save_code": False,
    "disable_code": True,
    "disable_git": True,
    "disable_job_creation": True,
    "x_disable_stats": True,
    "x_disable_meta": True,
    "x_disable_machine_info": True,
    "x_save_requirements": False,
}
SECONDS = "seconds"
# What each group of numbers is drawn over.
AXES = {
    **dict.fromkeys(("train/*", "val/*", "epoch/*"), "epoch"),
    **dict.fromkeys(("gpu.*", "proc.*"), SECONDS),
}


class ToWandb:
    """Writes each attempt at a run as a W&B run of its own, below `folder`.

    The variables WANDB_MODE, WANDB_PROJECT, WANDB_ENTITY and WANDB_API_KEY count as
    everywhere in W&B; without WANDB_MODE the run is offline and nothing is sent.
    """

    def __init__(self, folder, name, settings):
        # W&B reports its own errors to its maker, offline runs' too, unless told so.
        os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
        self.wandb = library("wandb", "wandb")
        self.folder, self.name, self.settings = Path(folder), name, settings
        self.mode = os.environ.get("WANDB_MODE") or "offline"
        self.processes = ()

    def open(self):
        """Start the run. Raises TrackingError where, online, it cannot."""
        self.folder.mkdir(parents=True, exist_ok=True)
        before = _children()
        try:
            self.run = self._start()
        except self.wandb.Error as error:
            raise TrackingError(
                f"W&B could not start a run with mode {self.mode}: {error}. For a run "
                "that needs no network leave WANDB_MODE unset; for none set "
                "tracking: none"
            ) from error
        self.processes = tuple(sorted(_children() - before))
        for pattern, axis in AXES.items():
            self.run.define_metric(pattern, step_metric=axis)
        log.info("W&B run (%s): %s", self.mode, self.run.dir)
        if self.mode == "offline":
            log.info("To send it: wandb sync %s", Path(self.run.dir).parent)

    def _start(self):
        return self.wandb.init(
            project=os.environ.get("WANDB_PROJECT", "spikewatt"),
            name=self.name,
            group=self.settings["experiment"],
            job_type="train",
            config=self.settings,
            dir=str(self.folder),
            mode=self.mode,
            settings=self.wandb.Settings(**SETTINGS),
        )

    def write(self, metrics, points):
        """Write an epoch's numbers, and readings as (seconds, {name: value})."""
        for seconds, values in points:
            self.run.log({**values, SECONDS: seconds})
        self.run.log(metrics)
        # W&B's process works through its queue in order, so that an answer to a
        # question says it is done: nothing is left for the next phase.
        self.run.summary.keys()

    def close(self, failed):
        """End the run, as failed or not, and W&B's process with it."""
        self.run.finish(exit_code=int(failed))
        self.wandb.teardown()


def _children():
    return {child.pid for child in psutil.Process().children(recursive=True)}
