"""The reference stack: what the paper ran.

A torch `DataLoader` hands out one sample after the other, snnTorch's `Leaky` is the
neuron, and a Python loop goes through the time steps. Samples come from the prepared
arrays, or by torchvision and tonic (`library`), equal bit for bit.
"""

import time
from functools import partial

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, default_collate

from spikewatt.network.conversion import grown, pools_over_time
from spikewatt.network.encoding import encode
from spikewatt.network.neuron.settings import Neuron
from spikewatt.network.neuron.snntorch_form import leaky
from spikewatt.network.weights import current, dropout_masks, non_spiking, summed
from spikewatt.stack import frames, padding, tensor_cores


class Reference:
    """Runs a network as the paper did.

    plan: the run's settings, a dict (see `plan.Plan`); data: what `data.arrays.load`
    gives; network: `network.weights.Network`; streams: `train.seeds.Streams`; device: a
    `torch.device`.
    """

    def __init__(self, plan, data, network, streams, device):
        self.plan, self.data, self.network = plan, data, network
        self.streams, self.device = streams, device
        self.observer = None  # called with (layer number, spikes) where set
        self.counter = None  # called with (layer number, how many spikes) where set
        self.pace = None  # called with (layer number, spikes in each step) where set
        self.tally = None  # told where the spikes were where set
        self.source = None  # what `library.opened` gives; None: the prepared arrays
        self.parts = {}
        self.neuron = Neuron.of(plan["neuron"])
        self.neurons = [
            leaky(self.neuron).to(device)
            for layer in network.layers
            if self.neuron.spikes
        ]

    def batches(self, split, indices, shuffle):
        """(input, target) batches of the samples `indices` of `split`."""
        if self.source is None:
            return self._batches(*self._prepared(split, indices), shuffle)
        return self._batches(self.source.samples(indices), self.source.collate, shuffle)

    def load_by_libraries(self, archives, room, split, indices):
        """Take the samples of `split` by torchvision and tonic from now on.

        Arguments and errors as of `library.opened`.
        """
        from spikewatt.stack import library  # loads torchvision or tonic

        data, plan = self.data, self.plan
        self.source = library.opened(plan, data, archives, room, split, indices)

    def rehearsal(self, split, indices):
        """As `batches`, in order, and always from arrays: nothing is loaded early."""
        if self.source is None:
            return self.batches(split, indices, shuffle=False)
        return self._batches(*self._prepared(split, indices), shuffle=False)

    def singles(self, split, indices):
        """A function for each sample that gives it as an encoded batch of one."""
        samples, join = self._prepared(split, indices)
        for number in range(len(samples)):
            loaded = (join or default_collate)([samples[number]])
            yield partial(self.encode, *loaded)

    def _batches(self, samples, collate, shuffle):
        loader = DataLoader(
            samples,
            batch_size=self.plan["batch_size"],
            shuffle=shuffle,
            generator=self.streams.shuffle,
            num_workers=self.plan["loader_workers"],
            collate_fn=collate,
            pin_memory=self.device.type == "cuda",
        )
        return Encoded(loader, self.encode)

    def _prepared(self, split, indices):
        """(dataset, how its samples are joined), from the prepared arrays."""
        part = self.part(split)
        if not hasattr(part, "indptr"):
            return StaticImages(part, indices), None
        join = with_lengths if padding.masks(self.plan) else padded
        return EventFrames(part, indices), join

    def part(self, split):
        """A split of the data; images are read into memory once."""
        if split not in self.parts:
            part = self.data.split(split)
            self.parts[split] = part if hasattr(part, "indptr") else Tensors(part)
        return self.parts[split]

    def encode(self, samples, targets):
        """Move a batch to the device and turn images into spikes where asked to."""
        samples = samples.to(self.device, non_blocking=True)
        targets = targets.to(self.device, non_blocking=True)
        plan = self.plan
        if plan["encoding"]:
            stream = self.streams.encoding
            samples = encode(samples, plan["encoding"], plan["steps"], stream)
        return samples, targets

    def halve(self):
        """There are no chunks of time here to make smaller."""
        return False

    def __call__(self, samples):
        """Output spikes T×B×classes for T×B×…, or logits B×classes for B×….

        samples: a tensor, or a `padding.Padded` of one.
        """
        tensor_cores.torch_defaults(self.device)
        if not self.neurons:
            dropout = self.streams.dropout
            return non_spiking(self.network, samples, dropout, tally=self.tally)
        return self.spiking(*padding.unpacked(samples))

    def spiking(self, spikes, lengths=None):
        """Equations (5) and (6) of the paper, step by step through the layers.

        lengths: of the samples, past which none fires; None lets all run on.
        """
        masks = dropout_masks(
            self.network, *spikes.shape[:2], self.streams.dropout, self.plan
        )
        own = None if lengths is None else padding.own_steps(lengths, len(spikes))
        potentials = self.potentials(spikes)
        currents = self.currents()
        recorded, fired, paces = [], {}, {}
        if self.tally:
            self.tally.input_frames(spikes)
        for step, values in enumerate(spikes):
            for number, (layer, weights, neuron) in enumerate(
                zip(
                    self.network.layers,
                    self.network.weights,
                    self.neurons,
                    strict=True,
                )
            ):
                received = currents(number, layer, weights, values)
                values, potentials[number] = neuron(received, potentials[number])
                if own is not None:
                    values = values * padding.apart(own[step], values)
                if self.observer:
                    self.observer(number, values)
                if self.counter or self.tally:  # an addition a step: counted at the end
                    fired[number] = fired.get(number, 0) + values
                if self.pace:
                    paces.setdefault(number, []).append(values.sum())  # to 2²⁴ exact
                if number in masks:
                    values = values * masks[number][step]
            recorded.append(values)
        self.count(fired)
        for number, steps in paces.items():
            self.pace(number, torch.stack(steps))
        return torch.stack(recorded)

    def count(self, fired):
        """Tell `counter` and `tally` how often neurons fired: number → B×…."""
        for number, counts in fired.items():
            if self.counter:
                self.counter(number, counts.sum(dtype=torch.float64))
            if self.tally:
                self.tally.layer(number, counts.sum(0))

    def potentials(self, spikes):
        """Those that the layers' neurons start from."""
        start, batch = self.neuron.start, spikes.shape[1]
        if not start:
            return [neuron.reset_mem() for neuron in self.neurons]
        shapes = [(batch, *layer.out_shape) for layer in self.network.layers]
        return [spikes.new_full(shape, start) for shape in shapes]

    def currents(self):
        """The function that gives a layer's currents at the next time step."""
        if self.neuron.kind != "if":
            return lambda number, layer, weights, values: current(
                layer, weights, values
            )
        pools = {}

        def pooled(number, layer, weights, values):
            constant = number == 0 and self.plan["encoding"] == "direct"
            if not pools_over_time(layer) or constant:
                return current(layer, weights, values)
            sums = summed(layer, weights, values)[None]
            received, pools[number] = grown(sums, layer.pool, pools.get(number))
            return received[0]

        return pooled


class Tensors:
    """The images and labels of a split as tensors, copied from the mapped file."""

    def __init__(self, part):
        self.images = torch.from_numpy(np.array(part.images))
        self.labels = torch.from_numpy(np.array(part.labels))


class StaticImages(Dataset):
    """Images as float32 in [0, 1], C×H×W, as torchvision's `ToTensor` gives them."""

    def __init__(self, part, indices):
        self.images, self.labels, self.indices = part.images, part.labels, indices

    def __len__(self):
        return len(self.indices)

    def __getitem__(self, number):
        index = self.indices[number]
        return self.images[index].float() / 255, self.labels[index]


class EventFrames(Dataset):
    """Recordings as dense frames of event counts, float32, T×P×H×W."""

    def __init__(self, part, indices):
        self.part, self.indices = part, indices

    def __len__(self):
        return len(self.indices)

    def __getitem__(self, number):
        part, index = self.part, int(self.indices[number])
        counts = frames.dense(part, index).astype(np.float32)
        return torch.from_numpy(counts), int(part.labels[index])


def padded(samples):
    """Join recordings of unequal length, T×B×P×H×W, with empty frames at the end."""
    values, labels = zip(*samples, strict=True)
    return torch.nn.utils.rnn.pad_sequence(values), torch.tensor(labels)


def with_lengths(samples):
    """As `padded`, the recordings as a `padding.Padded`."""
    values, labels = padded(samples)
    lengths = torch.tensor([len(own) for own, _ in samples])
    return padding.Padded(values, lengths), labels


class Encoded:
    """A loader whose batches are encoded as they are taken.

    waited_s: seconds that the last pass has waited for the loader so far; moving a
    batch to the device and encoding it are no part of it.
    """

    def __init__(self, loader, encode):
        self.loader, self.encode = loader, encode
        self.waited_s = 0.0

    def __len__(self):
        return len(self.loader)

    def __iter__(self):
        self.waited_s, start = 0.0, time.perf_counter()
        for batch in self.loader:  # the first wait includes the start of its workers
            self.waited_s += time.perf_counter() - start
            yield self.encode(*batch)
            start = time.perf_counter()
        self.waited_s += time.perf_counter() - start
