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
        frames = np.zeros((self.steps, stop - start, self.size), np.float32)
        rows = self.rows
        parallel.over(
            stop - start,
            lambda part, low, high: frame_kernels.spread(
                rows, frames, start, start + low, start + high
            ),
        )
        frames = torch.from_numpy(frames)
        return frames if self.mask is None else frames * self.mask[:, start:stop]


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
    return SpikeEvents(indptr, address.to(torch.int32).numpy(), steps, batch, size)


def channel_last(frames):
    """T×B×C×H×W or T×B×N as T×B×N with channels innermost, contiguous."""
    if frames.ndim == 5:
        frames = frames.permute(0, 1, 3, 4, 2)
    return frames.flatten(2).contiguous()
