"""Feeding without a loader: the data stays where it is used, batches are gathered."""

import time

import numpy as np
import torch
from torch.utils.data import RandomSampler

from spikewatt.compute import parallel
from spikewatt.network.encoding import encode
from spikewatt.stack.fast import sources, spike_events
from spikewatt.stack.padding import Padded


class Batches:
    """(input, target) batches of `indices`; a new order each time where shuffled.

    The order is that of torch's `DataLoader` for the same generator, which draws a
    seed for its workers first: both stacks train on the same batches.
    waited_s: seconds that the last pass has spent on fetching samples so far, without
    encoding them. On a GPU, whose work is only handed over here, they say little.
    """

    def __init__(self, feed, indices, size, generator, shuffle):
        self.feed, self.size = feed, size
        self.indices = torch.as_tensor(np.asarray(indices), dtype=torch.int64)
        self.generator, self.shuffle = generator, shuffle
        self.waited_s = 0.0

    def __len__(self):
        return -(-len(self.indices) // self.size)

    def __iter__(self):
        self.waited_s, start = 0.0, time.perf_counter()
        torch.empty((), dtype=torch.int64).random_(generator=self.generator)
        order = self.indices
        if self.shuffle:
            drawn = list(RandomSampler(order, generator=self.generator))
            order = order[torch.tensor(drawn)]
        for chosen in order.split(self.size):
            fetched = self.feed.fetch(chosen)
            self.waited_s += time.perf_counter() - start
            yield self.feed.encoded(*fetched)
            start = time.perf_counter()


class ImageFeed:
    """Images as bytes on the device; float32 in [0, 1] or spikes come out."""

    def __init__(self, part, plan, stream, device, as_events):
        self.images = torch.tensor(np.asarray(part.images), device=device)
        self.labels = torch.tensor(np.asarray(part.labels), device=device)
        self.plan, self.stream, self.as_events = plan, stream, as_events

    def fetch(self, indices):
        """(images as bytes, labels) of these samples, on the device."""
        indices = indices.to(self.images.device)
        return self.images[indices], self.labels[indices]

    def encoded(self, images, labels):
        """(input of the stack, labels) of what `fetch` gives."""
        encoding, steps = self.plan["encoding"], self.plan["steps"]
        if encoding == "rate" and self.as_events:
            return self._rate(images, steps), labels
        values = images.float() / 255
        if encoding:
            values = encode(values, encoding, steps, self.stream)
        if self.as_events:
            values = spike_events.from_frames(values)
        return values, labels

    def _rate(self, images, steps):
        seed = torch.empty((), dtype=torch.int64).random_(generator=self.stream)
        flat, seed = images.flatten(2).numpy(), np.uint64(int(seed))
        pieces = parallel.over(
            len(flat),
            lambda number, low, high: sources.rate_events(flat, steps, seed, low, high),
        )
        return spike_events.joined(pieces, steps, len(flat), flat[0].size)


class _Recordings:
    """What feeds of recordings have in common: these are spike trains already."""

    def encoded(self, spikes, labels):
        return spikes, labels


class RecordingFeed(_Recordings):
    """Event recordings as compressed rows; never dense on the CPU.

    masked: whether what comes out says how long each recording is (`padding.Padded`).
    """

    def __init__(self, part, masked=False):
        self.part, self.masked = part, masked
        self.labels = torch.tensor(np.asarray(part.labels))

    def fetch(self, indices):
        """(spike trains, labels) of these samples."""
        part, chosen = self.part, indices.numpy()
        steps = int(part.num_bins[chosen].max())
        channels, pixels = part.sensor[0], part.sensor[1] * part.sensor[2]
        recorded = sources.RecordedRows(
            part.indptr, part.bin, part.address, channels, pixels
        )
        pieces = parallel.over(
            len(chosen),
            lambda number, low, high: sources.recorded_events(
                recorded, chosen, steps, low, high
            ),
        )
        size = channels * pixels
        spikes = spike_events.joined(pieces, steps, len(chosen), size)
        spikes.most = None  # a pixel may fire again within a step
        if self.masked:
            lengths = torch.from_numpy(part.num_bins[chosen].astype(np.int64))
            spikes = Padded(spikes, lengths)
        return spikes, self.labels[indices]


class FrameFeed(_Recordings):
    """Event recordings as compressed rows on the device, scattered into frames.

    masked: as of `RecordingFeed`.
    """

    def __init__(self, part, device, masked=False):
        self.sensor, self.masked = part.sensor, masked
        self.rows = torch.tensor(np.asarray(part.indptr), device=device)
        self.steps = torch.tensor(np.asarray(part.num_bins), device=device)
        self.labels = torch.tensor(np.asarray(part.labels), device=device)
        # torch has few operations for uint16: the same two bytes, read as signed
        self.bins, self.addresses = (
            torch.tensor(np.asarray(array).view(np.int16), device=device)
            for array in (part.bin, part.address)
        )

    def fetch(self, indices):
        """(spike trains, labels) of these samples."""
        indices = indices.to(self.labels.device)
        first, sizes = self.rows[indices], self.rows[indices + 1] - self.rows[indices]
        ends = sizes.cumsum(0)
        sample = torch.repeat_interleave(
            torch.arange(len(indices), device=sizes.device), sizes
        )
        event = torch.arange(len(sample), device=sizes.device)
        event += (first - (ends - sizes))[sample]
        bins = self.bins[event].long() & 0xFFFF
        addresses = self.addresses[event].long() & 0xFFFF
        steps = int(self.steps[indices].max())
        pixels = int(np.prod(self.sensor))
        frames = torch.zeros(steps * len(indices) * pixels, device=sizes.device)
        pixel = (bins * len(indices) + sample) * pixels + addresses
        frames.index_add_(0, pixel, torch.ones_like(pixel, dtype=frames.dtype))
        frames = frames.view(steps, len(indices), *self.sensor)
        if self.masked:
            frames = Padded(frames, self.steps[indices].long())
        return frames, self.labels[indices]
