"""The training stage: from a prepared data set to weights and a row per epoch."""

import json
import logging
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import torch
from safetensors.torch import save_file

import spikewatt
from spikewatt.files import atomic, contents
from spikewatt.files.exclusive import alone
from spikewatt.files.progress import Progress, duration
from spikewatt.meter import Meter, recover
from spikewatt.meter.target import Target
from spikewatt.results import runs
from spikewatt.tracking.off import Off
from spikewatt.train import assembly, checkpoint, health, machine
from spikewatt.train.loop import NotFinite, one_pass, spike_rates, warm_up

log = logging.getLogger("spikewatt")


class Training:
    """One run: plan, data set and seed go in; weights, rows and facts come out.

    folder: where the run's files go; kept: a folder outside the declared outputs for
    checkpoints, so that a killed run goes on after its last whole epoch; tracker: see
    `spikewatt.tracking`; conditions: a `machine.Conditions`.
    """

    def __init__(
        self, plan, dataset, stack, seed, code, kept, conditions, tracker=None
    ):
        self.plan, self.seed, self.stack_name = plan, seed, stack
        self.tracker = tracker or Off()
        self.setup = assembly.build(plan, dataset, stack, seed, "train", conditions)
        self.name = f"{plan['experiment']}/{plan['network']}/{stack}/seed{seed}"
        labels = self.setup.data.split("train").labels
        self.training, self.validation = assembly.split(
            len(labels), plan, self.setup.streams.split
        )
        self.optimiser = torch.optim.Adam(
            self.setup.network.parameters(), lr=plan["learning_rate"]
        )
        self.identity = {"plan": plan, "stack": stack, "seed": seed, "code": code}
        self.checkpoints = checkpoint.Checkpoints(kept, self.identity)
        self.rows, self.warnings, self.best = [], [], None
        self.interruptions, self.started = 0, _now()

    def run(self, folder):
        """Train all epochs, measured, and leave the run's files in `folder`.

        One process at a time: the job of a killed Snakemake lives on, and is waited
        for. What it has finished meanwhile is taken.
        """
        lock = f"{self.checkpoints.folder}.lock"
        with alone(lock, f"training {self.name}"):
            if self.is_complete(Path(folder)):
                log.info("%s: another process has finished it", self.name)
            else:
                self.go(Path(folder))
            self.checkpoints.remove()

    def is_complete(self, folder):
        """Whether `folder` holds whole files of this very run."""
        try:
            facts = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        known = ("config", "stack", "seed", "code_digest")
        return [facts.get(key) for key in known] == list(self.identity.values()) and (
            all(
                (folder / name).exists() and contents.sha256(folder / name) == digest
                for name, digest in facts["outputs"].items()
            )
        )

    def go(self, folder):
        """Train from where an earlier process was cut, or from the start."""
        if not self.resume():
            self.save(0)  # so that a run cut in its first epoch is counted too
        telemetry = self.telemetry(self.interruptions)
        with self.tracker, self.meter(telemetry) as meter:
            self.tracker.replay(self.rows)
            self.prepare(meter)
            for epoch in range(len(self.rows) + 1, self.plan["epochs"] + 1):
                self.epoch(epoch, meter)
            measured = meter.describe()
        self.finish(folder, measured)

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
        )

    def prepare(self, meter):
        """Idle baseline and warm-up, each its own phase."""
        wanted = self.plan["meter"]
        if wanted["idle_s"]:
            with meter.phase("idle"):
                time.sleep(wanted["idle_s"])
        with meter.phase("warmup"):
            warm_up(
                self.setup.stack,
                self.setup.objective,
                self.batches(self.training, shuffle=False),
                wanted["warmup_batches"],
            )

    def batches(self, indices, shuffle):
        """Batches of the training set's samples `indices`."""
        return self.setup.stack.batches("train", indices, shuffle)

    def epoch(self, number, meter):
        """Train and validate once; add the row, keep the best, save a checkpoint."""
        setup = self.setup
        try:
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
                )
            health.require_finite(setup.network)
        except NotFinite as error:
            layer = health.first_damaged(setup.network)
            raise NotFinite(
                f"{self.name}, epoch {number}{layer}: {error} "
                f"The last good epoch is kept in {self.checkpoints.folder}."
            ) from None
        self.add_row(number, train, validation, meter)
        self.keep_best(number, validation.accuracy_pct)
        self.save(number)
        self.tracker.epoch(self.rows[-1], meter, ("train", "val"))

    def add_row(self, number, train, validation, meter):
        """The epoch's row of epochs.csv, and a line in the log."""
        samples = train.samples + validation.samples
        measured = meter.row(("train", "val"), epoch=number, samples=samples)
        batches = self.batches(self.validation, shuffle=False)
        rates = spike_rates(self.setup.stack, batches)
        silent = health.silent_in(self.setup.stack, batches, rates)
        found = health.warnings(self.setup, train, validation, silent)
        self.warnings += [{"epoch": number, "what": text} for text in found.values()]
        row = {
            "epoch": number,
            "train_loss": train.loss,
            "train_accuracy_pct": train.accuracy_pct,
            "val_loss": validation.loss,
            "val_accuracy_pct": validation.accuracy_pct,
            "train_time_s": meter.phase_time("train", epoch=number),
            "val_time_s": meter.phase_time("val", epoch=number),
            "train_samples": train.samples,
            "val_samples": validation.samples,
            "spikes_per_neuron_step": health.hidden_rate(self.setup, rates),
            **measured,
            "flags": " ".join(filter(None, [measured["flags"], *found])),
        }
        self.rows.append(row)
        self.report(row)
        for text in found.values():
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
            "best_epoch": best["epoch"],
            "best_accuracy_pct": best["accuracy_pct"],
            "interruptions": self.interruptions,
            "started": self.started,
        }
        self.checkpoints.save(number, tensors, facts)

    def resume(self):
        """Go on from the newest checkpoint of this very run; whether there was one."""
        found = self.checkpoints.load()
        if found is None:
            self.checkpoints.clear()
            return False
        tensors, facts = found
        self.setup.network.load_state_dict(checkpoint.unprefixed("weights", tensors))
        self.setup.streams.restore(checkpoint.unprefixed("streams", tensors))
        checkpoint.restore_optimiser(self.optimiser, tensors)
        self.rows, self.warnings = facts["rows"], facts["warnings"]
        if self.rows:
            self.best = {
                "epoch": facts["best_epoch"],
                "accuracy_pct": facts["best_accuracy_pct"],
                "weights": checkpoint.unprefixed("best", tensors),
            }
        self.interruptions = facts["interruptions"] + 1
        self.started = facts["started"]
        for number in range(self.interruptions):
            recover(self.telemetry(number))
        self.save(facts["epoch"])  # so that two cuts of one epoch count as two
        log.info("%s goes on after epoch %d", self.name, facts["epoch"])
        return True

    def finish(self, folder, measured):
        """Write the run's files; `run.json` comes last and vouches for the others."""
        with atomic.placing(folder / "model.safetensors") as path:
            weights = {k: v.cpu().contiguous() for k, v in self.best["weights"].items()}
            save_file(weights, path, metadata={"run": self.name})
        with atomic.writing(folder / "epochs.csv") as handle:
            runs.ordered(pd.DataFrame(self.rows), runs.EPOCH_COLUMNS).to_csv(
                handle, index=False
            )
        contents.join_csv(
            sorted(self.checkpoints.folder.glob("telemetry_*.csv")),
            folder / "telemetry.csv",
        )
        atomic.write_json(folder / "run.json", self.facts(folder, measured))

    def facts(self, folder, measured):
        """The content of run.json."""
        outputs = ("model.safetensors", "epochs.csv", "telemetry.csv")
        return {
            "experiment": self.plan["experiment"],
            "network": self.plan["network"],
            "stack": self.stack_name,
            "seed": self.seed,
            "spikewatt": spikewatt.__version__,
            "config": self.plan,
            "code_digest": self.identity["code"],
            "started": self.started,
            "finished": _now(),
            "epochs": len(self.rows),
            "best_epoch": self.best["epoch"],
            "interruptions": self.interruptions,
            "parameters": sum(p.numel() for p in self.setup.network.parameters()),
            "hardware": machine.hardware(self.setup.device),
            "versions": machine.versions(),
            "meter": measured,
            "warnings": self.warnings,
            "outputs": {name: contents.sha256(folder / name) for name in outputs},
        }


def _now():
    return datetime.now(UTC).isoformat(timespec="seconds")
