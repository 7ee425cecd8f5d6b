"""Spike trains of a batch as lists of events."""

from dataclasses import dataclass, replace

import numpy as np
import torch

from spikewatt.compute import parallel
from spikewatt.stack.fast import frame_kernels
from spikewatt.stack.fast.records import EventRows


@dataclass
class SpikeEvents:
    """The spikes of a batch; see `records.EventRows` for the arrays."""

    indptr: np.ndarray
    address: np.ndarray
    steps: int
    batch: int
    size: int  # neurons (pixels) of a frame, (y·W + x)·C + c
    mask: torch.Tensor | None = None  # dropout, T×B×size or 1×B×size, over the spikes
    gain: float = 1.0  # what an event is worth
    most: int | None = 1  # how often an address stands in a row at most; None: unknown

    @property
    def rows(self):
        """The arrays as the kernels take them."""
        return EventRows(self.indptr, self.address, self.steps)

    @property
    def density(self):
        """Events per neuron and step."""
        return len(self.address) / max(1, self.steps * self.batch * self.size)

    def dense(self, start, stop):
        """The samples start…stop as a float tensor T×b×size, dropout applied."""
        frames = self.counts(start, stop)
        return frames if self.mask is None else frames * self.mask[:, start:stop]

    def counts(self, start, stop, dtype=np.float32):
        """How many events there are, a tensor T×b×size of a type that holds them."""
        frames = np.zeros((self.steps, stop - start, self.size), dtype)
        rows = self.rows
        parallel.over(
            stop - start,
            lambda part, low, high: frame_kernels.spread(
                rows, frames, start, start + low, start + high
            ),
        )
        return torch.from_numpy(frames)

    def counted(self):
        """These events with `most`, counted where it is not known."""
        if self.most is not None:
            return self
        most = frame_kernels.most(self.rows, self.size)
        return replace(self, most=int(most))

    def surviving(self):
        """The events that dropout leaves, each worth its `gain`; `mask` stays.

        The mask is 0 or the gain, 1/(1 − rate).
        """
        if self.mask is None:
            return self
        row = np.repeat(np.arange(self.batch * self.steps), np.diff(self.indptr))
        step = row % self.steps if len(self.mask) > 1 else 0
        kept = self.mask.numpy()[step, row // self.steps, self.address] > 0
        ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(kept)])
        return replace(
            self,
            indptr=ends[self.indptr],
            address=self.address[kept],
            gain=float(self.mask.max()) or 1.0,
        )


def joined(pieces, steps, batch, size):
    """`SpikeEvents` of the (indptr, address) pieces that threads made, in order."""
    ends, base = [np.zeros(1, np.int64)], 0
    for indptr, _ in pieces:
        ends.append(indptr[1:] + base)
        base += indptr[-1]
    address = np.concatenate([address for _, address in pieces])
    return SpikeEvents(np.concatenate(ends), address, steps, batch, size)


def within(spikes, lengths):
    """`spikes` without those after the own last step of their sample.

    lengths: own steps of each sample, int64, shape B.
    """
    step = np.arange(spikes.steps)
    kept = (step < lengths[:, None]).ravel()  # rows go sample by sample
    counts = np.diff(spikes.indptr)
    address = spikes.address[np.repeat(kept, counts)]
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts * kept)])
    return replace(spikes, indptr=ends, address=address)


def by_step(spikes):
    """How many of the spikes each time step has, int64, T."""
    rows = np.diff(spikes.indptr).reshape(spikes.batch, spikes.steps)
    return rows.sum(0)


def from_frames(frames):
    """`SpikeEvents` of dense spike trains T×B×C×H×W or T×B×N of whole numbers ≥ 0.

    Raises ValueError for other numbers, which are no events.
    """
    frames = channel_last(frames)
    steps, batch, size = frames.shape
    values = frames.transpose(0, 1).reshape(batch * steps, size)
    counts = values.to(torch.int64)
    if not torch.equal(counts.to(values.dtype), values) or (counts < 0).any():
        raise ValueError(
            "values that are no whole numbers ≥ 0 can't be events; a network that "
            "takes values needs encoding: direct"
        )
    row, address = counts.nonzero(as_tuple=True)
    repeats = counts[row, address]
    row, address = row.repeat_interleave(repeats), address.repeat_interleave(repeats)
    ends = torch.bincount(row, minlength=batch * steps).cumsum(0)
    indptr = torch.cat([ends.new_zeros(1), ends]).numpy()
    address = address.to(torch.int32).numpy()
    most = max(1, int(counts.max())) if counts.numel() else 1
    return SpikeEvents(indptr, address, steps, batch, size, most=most)


def channel_last(frames):
    """T×B×C×H×W or T×B×N as T×B×N with channels innermost, contiguous."""
    if frames.ndim == 5:
        frames = frames.permute(0, 1, 3, 4, 2)
    return frames.flatten(2).contiguous()
