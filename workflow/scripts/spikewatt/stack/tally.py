"""How often each place of a network was active in a pass: what operations come from.

A place is an element of a layer's input, or a neuron. Which places were active how
often is all that counting needs: an active place costs one operation for each weight
that leads on from it, whatever else happens at the same time (`network.operations`).
The counts are whole numbers, so that they add up over batches, chunks of time and
threads in any order.
"""

import torch


class Tally:
    """Counts by place, summed over samples and time steps; int64, on the device.

    events: of the network's input, C×H×W; a pixel that holds two events counts as two;
    active: the same, but it counts once; graded: whether the input held other values
    than whole numbers, so that they are no events (bool, or a tensor of one; True where
    the network has no spikes); layers: number of a layer, from 0 → spikes of its
    neurons, or how often their value was not 0; of layers whose neurons hand something
    on alone. active_by_place: how values are counted; a stack may bring a quicker way.
    """

    def __init__(self):
        self.active_by_place = active_by_place
        self.events = self.active = self.graded = None
        self.layers = {}

    def input_frames(self, frames):
        """Count a batch of input T×B×… to a spiking network."""
        places = frames.flatten(0, 1)
        active = active_by_place(places)
        graded = (places != places.round()).any()
        # Below 2^24 of a place in a batch, float32 sums of whole numbers are exact.
        events = places.abs().sum(0).to(torch.int64)
        self._input(torch.where(graded, active, events), active, graded)

    def input_events(self, events, active):
        """Count a batch of events, by place already."""
        self._input(events, active, False)

    def input_values(self, values):
        """Count a batch of input B×… to a network without spikes."""
        active = self.active_by_place(values)
        self._input(active, active, True)

    def layer(self, number, counts):
        """Count what a layer's neurons handed on, by neuron."""
        if counts.dtype != torch.int64:
            counts = counts.to(torch.int64)
        before = self.layers.get(number)
        self.layers[number] = counts if before is None else before + counts

    def layer_values(self, number, values):
        """Count what a layer without spikes handed on, B×…."""
        self.layer(number, self.active_by_place(values))

    def add(self, other):
        """Add the counts of another batch."""
        if other.events is not None:
            self._input(other.events, other.active, other.graded)
        for number, counts in other.layers.items():
            self.layer(number, counts)

    def _input(self, events, active, graded):
        if self.events is None:
            self.events, self.active, self.graded = events, active, graded
            return
        one = events is active and self.events is self.active  # as of values
        self.active = self.active + active
        self.events = self.active if one else self.events + events
        self.graded = self.graded | graded


def active_by_place(values):
    """How many of the values B×… at each place are not 0; int64."""
    # Comparing into floats is vectorised, into bools it is not: ten times the speed.
    there = torch.ne(values, 0, out=torch.empty_like(values))
    return there.sum(0).to(torch.int64)
