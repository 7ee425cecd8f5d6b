"""The training stage: from a prepared data set to weights and a row per epoch."""

import contextlib
import logging
import os
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import torch
from safetensors.torch import save_file

import spikewatt
from spikewatt.files import atomic, contents
from spikewatt.files.progress import Progress, duration
from spikewatt.meter import Meter, recover
from spikewatt.meter.flags import warnings as raised
from spikewatt.meter.target import Target
from spikewatt.results import runs
from spikewatt.tracking.off import Off
from spikewatt.train import (
    anytime,
    assembly,
    checkpoint,
    finished,
    health,
    loading,
    machine,
    method,
    steadiness,
)
from spikewatt.train.course import Course
from spikewatt.train.identity import Identity
from spikewatt.train.loop import NotFinite, one_pass, warm_up

log = logging.getLogger("spikewatt")


class Training:
    """One run: plan, data set and seed go in; weights, rows and facts come out.

    plan, stack, seed and code: see `identity.Identity`; dataset: a prepared file; kept:
    a folder outside the declared outputs for checkpoints, so that a killed run goes on
    after its last whole epoch (finished files are kept beside it, see `finished`);
    conditions: a `machine.Conditions`; tracker: see `spikewatt.tracking`.
    """

    def __init__(
        self, plan, dataset, stack, seed, code, kept, conditions, tracker=None
    ):
        self.plan, self.kept, self.dataset = plan, Path(kept), dataset
        self.source, self.beside = method.source(dataset), None
        self.tracker = tracker or Off()
        self.setup = assembly.build(plan, dataset, stack, seed, "train", conditions)
        self.identity = Identity(plan, stack, seed, code, self.setup.data.digest)
        self.name = self.identity.name
        labels = self.setup.data.split("train").labels
        self.training, self.validation = assembly.split(
            labels, plan, self.setup.streams.split
        )
        self.optimiser = torch.optim.Adam(
            self.setup.network.parameters(), lr=plan["learning_rate"]
        )
        self.checkpoints = checkpoint.Checkpoints(kept, asdict(self.identity))
        self.conditions = [machine.used(self.setup.device, self.setup.loading)]
        self.rows, self.warnings, self.best = [], [], None
        self.exits = []  # of the best epoch, see `anytime.chosen`
        self.others = []  # who else computed: records of the meter with their epoch
        self.interruptions, self.started = 0, _now()

    def run(self, folder, beside=None):
        """Train all epochs, measured, and leave the run's files in `folder`.

        beside: who else measures on the device, which flags the run.
        One process at a time; what another one has finished meanwhile is taken up.
        """
        folder, self.beside = Path(folder), beside
        with finished.lock(self.kept, self.name):
            if finished.take_up(self.kept, folder, self.identity.digest):
                return
            finished.clear(self.kept)
            self.finish(self.go())
            finished.publish(finished.folder_of(self.kept), folder)
            log.info(
                "%s: best epoch %d of %d, validation accuracy %.2f %%",
                self.name,
                self.best["epoch"],
                len(self.rows),
                self.best["accuracy_pct"],
            )
            self.checkpoints.remove()

    def go(self):
        """Train from where an earlier process was cut, or from the start.

        Returns what the meter tells of itself.
        """
        if not self.resume():
            self.save(0)  # so that a run cut in its first epoch is counted too
        left = range(len(self.rows) + 1, self.plan["epochs"] + 1)
        telemetry = self.telemetry(self.interruptions)
        loaded = self.loaded() if left else contextlib.nullcontext()
        with loaded, self.tracker, self.meter(telemetry) as meter:
            self.tracker.replay(self.rows)
            if left:
                self.prepare(meter)
            for epoch in left:
                self.epoch(epoch, meter)
            return meter.describe()

    def loaded(self):
        """While this lasts, samples come as the conditions say; see `loading`."""
        indices = [*self.training, *self.validation]
        return loading.loaded(self.setup, self.dataset, self.kept, "train", indices)

    def telemetry(self, number):
        """Where the meter writes after `number` interruptions."""
        return self.checkpoints.folder / f"telemetry_{number:04}.csv"

    def meter(self, telemetry):
        """The meter of this run, writing to `telemetry`."""
        device = self.setup.device
        return Meter(
            telemetry,
            rate_hz=self.plan["meter"]["rate_hz"],
            synchronize=machine.synchronise(device),
            target=Target(
                os.getpid(),
                device=str(device),
                uuid=machine.device_uuid(device),
                exclude=self.tracker.processes,
            ),
            beside=self.beside,
        )

    def prepare(self, meter):
        """Idle baseline and warm-up, each its own phase.

        A cold first epoch is the first that this process computes, as the paper's was.
        """
        self.idle(meter)
        if self.cold:
            return
        wanted = self.plan["meter"]
        with meter.phase("warmup"):
            warm_up(
                self.setup.stack,
                self.setup.objective,
                self.setup.stack.rehearsal("train", self.training),
                wanted["warmup_batches"],
                training=True,
            )

    def idle(self, meter):
        """The idle baseline, where the plan wants one."""
        seconds = self.plan["meter"]["idle_s"]
        if seconds:
            with meter.phase("idle"):
                time.sleep(seconds)

    @property
    def cold(self):
        """Whether no batch runs before the first epoch."""
        return self.plan["meter"].get("first_epoch") == "cold"

    def batches(self, indices, shuffle):
        """Batches of the training set's samples `indices`."""
        return self.setup.stack.batches("train", indices, shuffle)

    def epoch(self, number, meter):
        """Train and validate once; add the row, keep the best, save a checkpoint."""
        setup = self.setup
        try:
            train, validation = self.passes(number, meter)
            health.require_finite(setup.network)
        except NotFinite as error:
            layer = health.first_damaged(setup.network)
            raise NotFinite(
                f"{self.name}, epoch {number}{layer}: {error} "
                f"The last good epoch is kept in {self.checkpoints.folder}."
            ) from None
        self.add_row(number, train, validation, meter)
        self.keep_best(number, validation.accuracy_pct)
        if self.best["epoch"] == number:
            found = anytime.followed(self.course, validation.labels)
            self.exits = anytime.chosen(found)
        self.save(number)
        self.tracker.epoch(self.rows[-1], meter, ("train", "val"))

    def passes(self, number, meter):
        """The `loop.Result`s of training and of validation, each a measured phase.

        `course` is that of validation then.
        """
        setup, self.course = self.setup, Course()
        with meter.phase("train", epoch=number):
            train = one_pass(
                setup.stack,
                setup.objective,
                self.batches(self.training, shuffle=True),
                self.optimiser,
                Progress(log, f"{self.name}, epoch {number}, training"),
            )
        with meter.phase("val", epoch=number):
            validation = one_pass(
                setup.stack,
                setup.objective,
                self.batches(self.validation, shuffle=False),
                progress=Progress(log, f"{self.name}, epoch {number}, validation"),
                course=self.course,
            )
        return train, validation

    def add_row(self, number, train, validation, meter):
        """The epoch's row of epochs.csv, and a line in the log."""
        samples = train.samples + validation.samples
        measured = meter.row(("train", "val"), epoch=number, samples=samples)
        warnings = health.warnings(self.setup, train, validation)
        others = meter.others(("train", "val"), epoch=number)
        self.others += [{"epoch": number, **record} for record in others]
        self.warnings += raised(measured["flags"], others, epoch=number)
        self.warnings += [{"epoch": number, "what": text} for text in warnings.values()]
        row = {
            "epoch": number,
            "train_loss": train.loss,
            "train_accuracy_pct": train.accuracy_pct,
            "val_loss": validation.loss,
            "val_accuracy_pct": validation.accuracy_pct,
            "train_time_s": meter.phase_time("train", epoch=number),
            "val_time_s": meter.phase_time("val", epoch=number),
            "train_load_time_s": train.load_s,
            "val_load_time_s": validation.load_s,
            "train_samples": train.samples,
            "val_samples": validation.samples,
            "spikes_per_neuron_step": health.hidden_rate(self.setup, validation.rates),
            **measured,
            "flags": " ".join(filter(None, [measured["flags"], *warnings])),
        }
        self.rows.append(row)
        self.report(row)
        for text in warnings.values():
            log.warning("%s, epoch %d: %s", self.name, number, text)

    def report(self, row):
        """One line an epoch, with the time left."""
        times = [entry["train_time_s"] + entry["val_time_s"] for entry in self.rows]
        left = sum(times) / len(times) * (self.plan["epochs"] - row["epoch"])
        log.info(
            "%s, epoch %d of %d: training %.2f %%, validation %.2f %%, %.1f s, %s left",
            self.name,
            row["epoch"],
            self.plan["epochs"],
            row["train_accuracy_pct"],
            row["val_accuracy_pct"],
            times[-1],
            duration(left),
        )

    def keep_best(self, number, accuracy):
        """Hold on to the weights of the best validation accuracy; the first wins."""
        if self.best is None or accuracy > self.best["accuracy_pct"]:
            weights = self.setup.network.state_dict()
            self.best = {
                "epoch": number,
                "accuracy_pct": accuracy,
                "weights": {name: value.clone() for name, value in weights.items()},
            }

    def save(self, number):
        """A checkpoint after epoch `number`."""
        best = self.best or {"epoch": None, "accuracy_pct": None, "weights": {}}
        tensors = {
            **checkpoint.prefixed("weights", self.setup.network.state_dict()),
            **checkpoint.prefixed("best", best["weights"]),
            **checkpoint.prefixed("streams", self.setup.streams.state()),
            **checkpoint.optimiser_tensors(self.optimiser),
        }
        facts = {
            "rows": self.rows,
            "warnings": self.warnings,
            "others": self.others,
            "best_epoch": best["epoch"],
            "best_accuracy_pct": best["accuracy_pct"],
            "early_exit": self.exits,
            "interruptions": self.interruptions,
            "started": self.started,
            "conditions": self.conditions,
        }
        self.checkpoints.save(number, tensors, facts)

    def resume(self):
        """Go on from the newest checkpoint of this very run; whether there was one."""
        newest = self.checkpoints.load()
        if newest is None:
            self.checkpoints.clear()
            return False
        tensors, facts = newest
        self.setup.network.load_state_dict(checkpoint.unprefixed("weights", tensors))
        self.setup.streams.restore(checkpoint.unprefixed("streams", tensors))
        checkpoint.restore_optimiser(self.optimiser, tensors)
        self.rows, self.warnings = facts["rows"], facts["warnings"]
        self.others = facts.get("others", [])  # not in those of older versions
        if self.rows:
            self.best = {
                "epoch": facts["best_epoch"],
                "accuracy_pct": facts["best_accuracy_pct"],
                "weights": checkpoint.unprefixed("best", tensors),
            }
        self.exits = facts["early_exit"]
        self.interruptions = facts["interruptions"] + 1
        self.started = facts["started"]
        now = self.conditions[-1]
        self.conditions = [one for one in facts["conditions"] if one != now] + [now]
        for number in range(self.interruptions):
            recover(self.telemetry(number))
        self.save(facts["epoch"])  # so that two cuts of one epoch count as two
        done = facts["epoch"]
        where = f"after epoch {done}" if done else "with its first epoch, once more"
        log.info("%s goes on %s", self.name, where)
        return True

    def finish(self, measured):
        """Keep the run's files; `run.json` comes last and vouches for the others."""
        folder = finished.folder_of(self.kept)
        self.judge_steadiness()
        with atomic.placing(folder / "model.safetensors") as path:
            weights = {k: v.cpu().contiguous() for k, v in self.best["weights"].items()}
            save_file(weights, path, metadata={"run": self.name})
        with atomic.writing(folder / "epochs.csv") as handle:
            table = pd.DataFrame(self.rows).assign(**self.identity.columns)
            runs.ordered(table, runs.EPOCH_COLUMNS).to_csv(handle, index=False)
        contents.join_csv(
            sorted(self.checkpoints.folder.glob("telemetry_*.csv")),
            folder / "telemetry.csv",
        )
        atomic.write_json(folder / finished.FACTS, self.facts(folder, measured))

    def judge_steadiness(self):
        """Flag epochs that were not measured steadily, once all of them are known."""
        on_cpu = self.setup.device.type == "cpu"
        threads = self.conditions[-1]["threads"] if on_cpu else None
        found = steadiness.mark(self.rows, threads, self.others, self.cold)
        self.warnings += found
        for word, epoch in {one["flag"]: one["epoch"] for one in found}.items():
            who = steadiness.of_epoch(self.others, epoch)
            text = steadiness.told(word, who, 1)
            log.warning("%s, flag %s: %s", self.name, word, text)

    def facts(self, folder, measured):
        """The content of run.json."""
        return {
            **self.identity.columns,
            "spikewatt": spikewatt.__version__,
            "identity": self.identity.digest,
            "config": self.plan,
            "code_digest": self.identity.code,
            "data_digest": self.identity.data,
            "data": self.setup.data.origin,
            "data_source": self.source,
            "method": method.facts(self.plan),
            "seeds": method.seeds_used(self.identity.seed),
            "conditions": self.used(),
            "ways": getattr(self.setup.stack, "ways", None),
            "started": self.started,
            "finished": _now(),
            "epochs": len(self.rows),
            "best_epoch": self.best["epoch"],
            "early_exit": self.exits,
            "interruptions": self.interruptions,
            "parameters": sum(p.numel() for p in self.setup.network.parameters()),
            "hardware": machine.hardware(self.setup.device),
            "versions": machine.versions(),
            "meter": measured,
            "warnings": self.warnings,
            "others": self.others,
            "outputs": {
                name: contents.sha256(folder / name) for name in finished.OUTPUTS
            },
        }

    def used(self):
        """The conditions at the end; where a part of the run had others, those too."""
        *earlier, last = self.conditions
        return last | ({"earlier": earlier} if earlier else {})


def _now():
    return datetime.now(UTC).isoformat(timespec="seconds")
