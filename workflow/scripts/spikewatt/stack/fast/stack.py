"""The fast stack: the reference's mathematics in other software.

Data stays on the device as bytes or events, batches are gathered by index, and a layer
works on all time steps before the next one starts. On the CPU spiking layers go event
by event (`spiking_network`); on other devices, for strides, for average pooling, for
neurons without compiled kernels and for images that are given directly, as values and
not as spikes, they are dense convolutions over all steps with one fused neuron
(`network.neuron.function`).
"""

import logging
import math
from functools import partial

import numpy as np
import torch
from torch.utils.checkpoint import checkpoint

from spikewatt.network.conversion import grown, pools_over_time
from spikewatt.network.neuron import numba_kernels
from spikewatt.network.neuron.function import lif
from spikewatt.network.neuron.settings import Neuron
from spikewatt.network.weights import current, dropout_masks, non_spiking, summed
from spikewatt.stack import padding, precision
from spikewatt.stack.fast import feed, native, places, spike_events
from spikewatt.stack.fast.spiking_network import SpikingNetwork
from spikewatt.stack.fixed_point import DIGITS

log = logging.getLogger("spikewatt")

# Bytes of one layer's currents over the steps that a dense chunk of time may take.
CHUNK_BYTES = 2**30


class Fast:
    """Runs a network; constructor and methods as `reference.Reference`."""

    def __init__(self, plan, data, network, streams, device):
        self.plan, self.data, self.network = plan, data, network
        self.streams, self.device = streams, device
        self.observer = None  # called with (layer number, spikes) where set
        self.counter = None  # called with (layer number, how many spikes) where set
        self.pace = None  # called with (layer number, spikes in each step) where set
        self.tally = None  # told where the spikes were where set
        self.neuron = Neuron.of(plan["neuron"])
        self.spiking = self.neuron.spikes
        self.feeds = {}
        self.layout = torch.contiguous_format
        if self.neuron.kind == "relu" and device.type == "cpu":
            # Channels innermost: what a CPU's convolutions and pooling like best. But
            # torch's pooling then sends the gradient of a tie to another member, and of
            # few levels ties are many.
            self.layout = torch.channels_last
            network.to(memory_format=self.layout)
        self.precision = plan["precision"]
        if self.precision in DIGITS and self.neuron.kind != "lif":
            raise ValueError(
                f"precision: {self.precision} sums spikes, and a network of "
                f"{self.neuron.kind} neurons is not fed with spikes alone; use "
                "precision: float32"
            )
        self.sums = precision.weighted_sums(network, self.precision, device)
        self.runner = self.measured = None
        if self.precision == "bfloat16" and device.type == "cpu" and not self.spiking:
            self.sums, self.measured = native.weighted_sums(network, self.sums)
        self.chunk = self.most = math.inf  # time steps worked on together, at most
        if self.spiking and device.type == "cpu" and self._event_driven():
            self.runner = SpikingNetwork(
                network, self.neuron, streams.dropout, self.precision, plan
            )

    @property
    def ways(self):
        """How layers are worked out where that is measured, or None.

        By `fast.ways` in whole numbers, by `fast.native` in bfloat16 on a CPU.
        """
        return self.runner.ways if self.runner else self.measured

    def _event_driven(self):
        """Whether the event kernels know all of the network; the log says if not."""
        if any(layer.stride != 1 for layer in self.network.layers):
            log.info("No event kernels for strides: the network runs densely.")
            return False
        if any(layer.pooling == "average" for layer in self.network.layers):
            log.info("No event kernels for averages: the network runs densely.")
            return False
        if not numba_kernels.supports(self.neuron):
            log.info("No event kernels for %s: the network runs densely.", self.neuron)
            return False
        if self.plan["encoding"] == "direct":
            log.info("Direct input is no events: the network runs densely.")
            return False
        if self.neuron.kind == "if":
            log.info("No event kernels for a conversion: the network runs densely.")
            return False
        return True

    def batches(self, split, indices, shuffle):
        """(input, target) batches of the samples `indices` of `split`."""
        size, stream = self.plan["batch_size"], self.streams.shuffle
        return feed.Batches(self._fed(split), indices, size, stream, shuffle)

    def rehearsal(self, split, indices):
        """As `batches`, in order: nothing is loaded here but what is prepared."""
        return self.batches(split, indices, shuffle=False)

    def singles(self, split, indices):
        """A function for each sample that gives it as an encoded batch of one."""
        fed = self._fed(split)
        for index in torch.as_tensor(np.asarray(indices), dtype=torch.int64):
            yield partial(fed.encoded, *fed.fetch(index[None]))

    def _fed(self, split):
        if split not in self.feeds:
            self.feeds[split] = self._feed(self.data.split(split))
        return self.feeds[split]

    def _feed(self, part):
        if not hasattr(part, "sensor"):
            return feed.ImageFeed(
                part,
                self.plan,
                self.streams.encoding,
                self.device,
                as_events=self.runner is not None,
            )
        masked = padding.masks(self.plan)
        if self.runner is not None:
            return feed.RecordingFeed(part, masked)
        return feed.FrameFeed(part, self.device, masked)

    def __call__(self, samples):
        """Output spikes T×B×classes, or logits B×classes.

        samples: what `batches` gives, or dense spike trains T×B×… (B×… for logits),
        on their own or in a `padding.Padded`.
        """
        precision.allow(self.precision, self.device)
        if not self.spiking:
            samples = samples.contiguous(memory_format=self.layout)
            if self.tally and self.device.type == "cpu":
                self.tally.active_by_place = places.active_by_place
            dropout = self.streams.dropout
            return non_spiking(self.network, samples, dropout, self.sums, self.tally)
        samples, lengths = padding.unpacked(samples)
        if self.runner is None:
            return self.together(samples, lengths)
        if torch.is_tensor(samples):
            samples = spike_events.from_frames(samples)
        self.runner.observer, self.runner.counter = self.observer, self.counter
        self.runner.pace, self.runner.tally = self.pace, self.tally
        return self.runner(samples, lengths)

    def together(self, spikes, lengths=None):
        """All steps of a layer at once: dense weights, pooling, fused neuron.

        Where that would take too much memory, time is cut into chunks: a chunk starts
        from the potentials that the one before left, and backward works its inside
        out again. Spikes and gradients stay the same. lengths: of the samples, past
        which none fires; None lets all run on.
        """
        masks = dropout_masks(
            self.network, *spikes.shape[:2], self.streams.dropout, self.plan
        )
        own = None if lengths is None else padding.own_steps(lengths, len(spikes))
        if self.tally:
            self.tally.input_frames(spikes)
        states = self._first_states(spikes)
        steps = min(self._chunk_steps(spikes.shape[1]), self.most)
        self.chunk = min(steps, len(spikes))
        if steps >= len(spikes):
            return self._chunk(spikes, own, masks, states)[0]
        outputs = []
        for start in range(0, len(spikes), steps):
            cut = slice(start, start + steps)
            part = {number: mask[cut] for number, mask in masks.items()}
            alive = None if own is None else own[cut]
            output, states = checkpoint(
                self._chunk, spikes[cut], alive, part, states, use_reentrant=False
            )
            outputs.append(output)
        return torch.cat(outputs)

    def halve(self):
        """Work on half as many time steps at once from now on; whether that can be."""
        if self.chunk == 1 or self.chunk == math.inf:
            return False
        self.most = self.chunk // 2
        return True

    def _chunk_steps(self, batch):
        """Time steps whose largest currents fit `CHUNK_BYTES`."""
        largest = max(math.prod(layer.conv_shape) for layer in self.network.layers)
        return max(1, CHUNK_BYTES // (4 * batch * largest))

    def _chunk(self, spikes, own, masks, states):
        """(output spikes, every layer's (potentials, state of pooling) at the end)."""
        after = []
        for number, (layer, weights) in enumerate(self._layers()):
            potential, pool = states[number]
            over_all = self.neuron.kind == "if" and pools_over_time(layer)
            if over_all and spikes.stride(0):
                sums = over_time(layer, weights, spikes, summed)
                received, pool = grown(sums, layer.pool, pool)
            else:
                received = over_time(layer, weights, spikes)
            spikes, potential = lif(received, self.neuron, potential)
            after.append((potential, pool))
            if own is not None:
                spikes = spikes * padding.apart(own, spikes)
            if self.observer:
                self.observer(number, spikes)
            if self.counter:
                self.counter(number, spikes.count_nonzero())
            if self.pace:
                self.pace(number, spikes.flatten(1).sum(1))
            if self.tally:
                self.tally.layer(number, spikes.sum((0, 1)))
            if number in masks:
                spikes = spikes * masks[number]
        return spikes, after

    def _first_states(self, spikes):
        """Potentials that the layers start from, and no pooling yet."""
        start, layers = self.neuron.start, self.network.layers
        if not start:
            return [(None, None)] * len(layers)
        shapes = [(spikes.shape[1], *layer.out_shape) for layer in layers]
        return [(spikes.new_full(shape, start), None) for shape in shapes]

    def _layers(self):
        return zip(self.network.layers, self.sums, strict=True)


def over_time(layer, weights, values, sums=current):
    """Currents T×B×… of a layer for its input T×B×…; worked out once where that stays.

    An input that is the same in every step, as images given directly, is one that takes
    no room over time: a view with a stride of 0. sums: `current`, or `summed` for
    what is not pooled yet.
    """
    steps, batch = values.shape[:2]
    if values.stride(0) == 0:
        once = sums(layer, weights, values[0])
        return once.expand(steps, *once.shape)
    received = sums(layer, weights, values.flatten(0, 1))
    return received.view(steps, batch, *received.shape[1:])
