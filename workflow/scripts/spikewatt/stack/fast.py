"""The fast stack: the reference's mathematics in other software.

Data stays on the device as bytes or events, batches are gathered by index, and a layer
works on all time steps before the next one starts. On the CPU spiking layers go event
by event (`fast_network`); on other devices, and for strides, they are dense
convolutions over all steps with one fused neuron (`lif.function`).
"""

import torch
from torch.nn import functional

from spikewatt.lif.function import lif
from spikewatt.nets.network import dropout_mask
from spikewatt.stack import fast_feed, fast_spikes
from spikewatt.stack.fast_network import SpikingNetwork


class Fast:
    """Runs a network; constructor and methods as `reference.Reference`."""

    def __init__(self, plan, data, network, streams, device):
        self.plan, self.data, self.network = plan, data, network
        self.streams, self.device = streams, device
        self.observer = None  # called with (layer number, spikes) where set
        self.spiking = plan["neuron"] == "lif"
        self.feeds = {}
        self.runner = None
        plain = all(layer.stride == 1 for layer in network.layers)
        if self.spiking and device.type == "cpu" and plain:
            self.runner = SpikingNetwork(
                network, plan["beta"], plan["threshold"], streams.dropout
            )

    def batches(self, split, indices, shuffle):
        """(input, target) batches of the samples `indices` of `split`."""
        if split not in self.feeds:
            self.feeds[split] = self._feed(self.data.split(split))
        size, stream = self.plan["batch_size"], self.streams.shuffle
        return fast_feed.Batches(self.feeds[split], indices, size, stream, shuffle)

    def _feed(self, part):
        if not hasattr(part, "sensor"):
            return fast_feed.StaticImages(
                part,
                self.plan,
                self.streams.encoding,
                self.device,
                as_events=self.runner is not None,
            )
        if self.runner is not None:
            return fast_feed.Recordings(part)
        return fast_feed.RecordedFrames(part, self.device)

    def __call__(self, samples):
        """Output spikes T×B×10, or logits B×10.

        samples: what `batches` gives, or dense spike trains T×B×… (B×… for logits).
        """
        if not self.spiking:
            return self.non_spiking(samples)
        if self.runner is None:
            return self.together(samples)
        if torch.is_tensor(samples):
            samples = fast_spikes.from_frames(samples)
        self.runner.observer = self.observer
        return self.runner(samples)

    def non_spiking(self, values):
        """One pass: weights, pooling, ReLU, dropout."""
        for layer, weights in self._layers():
            values = current(layer, weights, values)
            if layer.neuron == "relu":
                values = functional.relu(values)
            values = self._dropped(layer, values)
        return values

    def together(self, spikes):
        """All steps of a layer at once: dense weights, pooling, fused neuron."""
        steps, batch = spikes.shape[:2]
        for number, (layer, weights) in enumerate(self._layers()):
            received = current(layer, weights, spikes.flatten(0, 1))
            received = received.view(steps, batch, *layer.out_shape)
            spikes, _ = lif(received, self.plan["beta"], self.plan["threshold"])
            if self.observer:
                self.observer(number, spikes)
            spikes = self._dropped(layer, spikes)
        return spikes

    def _layers(self):
        return zip(self.network.layers, self.network.weights, strict=True)

    def _dropped(self, layer, values):
        if not (layer.dropout and self.network.training):
            return values
        stream = self.streams.dropout
        return values * dropout_mask(values.shape, layer.dropout, stream)


def current(layer, weights, values):
    """W·X of one layer, max-pooled where the layer pools."""
    if layer.kind == "linear":
        return weights(values.flatten(1))
    received = weights(values)
    return functional.max_pool2d(received, layer.pool) if layer.pool > 1 else received
