"""What a pass keeps of its time steps: output spikes, and the number of all spikes."""

import torch


class Course:
    """Follows a spiking network through the time steps of each batch of a pass.

    outputs: of each batch, output spikes T×B×C, uint8; spikes: of each batch, those of
    all layers together in each time step, T. Both stay on the device, so that no batch
    waits; T may differ between batches. A network without spikes leaves both empty.
    """

    def __init__(self):
        self.outputs, self.spikes, self._layers = [], [], {}

    def begin(self):
        """A batch begins, perhaps anew after one that did not fit into memory."""
        self._layers = {}

    def layer(self, number, counts):
        """Spikes of a layer in each of some time steps, the next ones; a tensor."""
        self._layers.setdefault(number, []).append(counts)

    def add(self, output):
        """The batch's output, once it is whole."""
        if output.dim() == 3:
            self.outputs.append(output.to(torch.uint8))
            layers = [torch.cat(parts) for parts in self._layers.values()]
            self.spikes.append(torch.stack(layers).sum(0, dtype=torch.float64))
