"""The training stage of a converted network: another's weights, and nothing learned.

It leaves the files of any training. Its one epoch is the conversion: what is measured
as training is to find the thresholds and to fold them in, as validation the spiking
network on the validation samples. What the source's training cost stands in run.json.
"""

import json
import logging
from dataclasses import replace
from pathlib import Path

import pandas as pd
import torch

from spikewatt.files import contents
from spikewatt.network import conversion
from spikewatt.network.describe import describe
from spikewatt.network.neuron.settings import Neuron
from spikewatt.network.weights import Network
from spikewatt.results.conditions import hardware
from spikewatt.results.converted import COSTS
from spikewatt.train import assembly
from spikewatt.train.course import Course
from spikewatt.train.loop import one_pass
from spikewatt.train.training import Training

log = logging.getLogger("spikewatt")

# Training samples whose activations give the thresholds.
SAMPLES = 1000


class Conversion(Training):
    """A run whose weights are converted; arguments as of `Training`.

    source: the folder of the run of the same seed and stack that it is converted from.
    """

    def __init__(self, plan, *arguments, source):
        super().__init__(plan, *arguments)
        self.folder = Path(source)
        weights = contents.sha256(self.folder / "model.safetensors")
        self.identity = replace(self.identity, weights=weights)
        self.source_network = self._source()

    def _source(self):
        """The trained network that is converted."""
        told = self.plan["from"]
        neuron = Neuron.of(told["neuron"])
        layers = describe(self.plan["architecture"], self.setup.data.shape, neuron.kind)
        network = Network(layers, torch.Generator(), neuron, told["weight_bits"])
        assembly.load_weights(network, self.folder / "model.safetensors")
        return network.to(self.setup.device)

    def go(self):
        """Convert, measured; a conversion that was cut starts anew."""
        self.checkpoints.clear()
        self.checkpoints.folder.mkdir(parents=True, exist_ok=True)
        with self.loaded(), self.tracker, self.meter(self.telemetry(0)) as meter:
            self.idle(meter)
            self.epoch(1, meter)
            return meter.describe()

    def passes(self, number, meter):
        """The converted network on the samples of its thresholds, and on validation.

        The first of the two is no part of the conversion: measured in a phase apart.
        """
        with meter.phase("train", epoch=number):
            self.convert()
        chosen = self.training[:SAMPLES]
        with meter.phase("check", epoch=number):
            seen = replace(self.evaluated(chosen), load_s=0.0)  # from memory
        with meter.phase("val", epoch=number):
            self.course = Course()
            return seen, self.evaluated(self.validation, self.course)

    def convert(self):
        """Give the run's network the source's weights, converted."""
        images = self.setup.data.split("train").images[self.training[:SAMPLES]]
        values = torch.from_numpy(images).to(self.setup.device).float() / 255
        found = conversion.thresholds(self.source_network, values)
        made = conversion.converted(self.source_network, found)
        self.setup.network.load_state_dict(made)
        log.info("thresholds: %s", ", ".join(f"{one:.4g}" for one in found))

    def evaluated(self, indices, course=None):
        """One pass without learning over the training set's samples `indices`."""
        batches = self.batches(indices, shuffle=False)
        return one_pass(self.setup.stack, self.setup.objective, batches, course=course)

    def save(self, number):
        """Nothing: a conversion is over sooner than it is saved."""

    def facts(self, folder, measured):
        """As of any training, with the source's run and what it cost."""
        return super().facts(folder, measured) | {"source": self.source_facts()}

    def source_facts(self):
        """The source's run, its weights, and its training's totals (None: unknown)."""
        epochs = pd.read_csv(self.folder / "epochs.csv")
        facts = json.loads((self.folder / "run.json").read_text(encoding="utf-8"))
        told = self.plan["from"]["network"]
        return {
            "run": self.name.replace(f"/{self.plan['network']}/", f"/{told}/"),
            "model": self.identity.weights,
            "epochs": len(epochs),
            "hardware": hardware(facts),
            "costs": {name: total(epochs, parts) for name, parts in COSTS.items()},
        }


def total(epochs, columns):
    """The sum of columns of epochs.csv, or None where a part was not measured."""
    if not set(columns) <= set(epochs):
        return None
    values = epochs[list(columns)].apply(pd.to_numeric, errors="coerce")
    return None if values.isna().any(axis=None) else float(values.to_numpy().sum())


def made(plan, *arguments, source=None):
    """The `Training` that a plan calls for: a `Conversion` where it has a source."""
    if plan["from"] is None:
        return Training(plan, *arguments)
    return Conversion(plan, *arguments, source=source)
