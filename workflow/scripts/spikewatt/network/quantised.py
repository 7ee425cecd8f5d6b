"""Activations and weights of few bits, with straight-through gradients.

Activations: QCFS (Bu et al., «Optimal ANN-SNN conversion», ICLR 2022). With a learned
clip λ and L levels above 0,

    a = λ/L · clip(⌊x·L/λ + ½⌋, 0, L)

so that a neuron says one of L + 1 numbers, as a spiking one does that fires 0 to L
times: L = T is the twin of T time steps, of ⌈log₂(T + 1)⌉ bits, and L = 1 is binary.
The floor's derivative is taken for 1. With u = x/λ that gives ∂a/∂x = 1 for 0 ≤ u ≤ 1,
else 0, and ∂a/∂λ = a/λ − u for 0 ≤ u ≤ 1, else a/λ.

Weights: symmetric, b bits for each output channel. With n = 2^(b−1) − 1 the largest
integer and s = max|w|/n of the channel, w becomes s·round(w/s), ties to even. Its
derivative is taken for 1. Biases stay float32: integer hardware adds them in 32 bits.
"""

import torch
from torch import nn
from torch.nn import functional


def qcfs(values, clip, levels):
    """The activations of `values`, any shape; clip: λ > 0, a scalar; levels: L ≥ 1."""
    raised = (values / clip).clamp(0, 1) * levels + 0.5
    return StraightThrough.apply(raised, raised.detach().floor()) / levels * clip


def of_bits(weight, bits):
    """`weight` (channels first) in `bits` bits a channel, or as it is where None."""
    if bits is None:
        return weight
    return StraightThrough.apply(weight, rounded_to_bits(weight.detach(), bits))


def rounded_to_bits(weight, bits):
    """As `of_bits`, of weights without a gradient. A channel of zeros stays so."""
    integers, step = in_integers(weight, bits)
    return torch.where(step > 0, integers * step, weight)


def in_integers(weight, bits):
    """(integers w/s, steps s) of `weight` in `bits` bits a channel, float32 both.

    The steps have the channels first and 1 elsewhere; that of a channel of zeros is 0,
    and its integers are NaN.
    """
    most = 2 ** (bits - 1) - 1
    largest = weight.abs().flatten(1).amax(1)
    step = (largest / most).view(-1, *[1] * (weight.dim() - 1))
    return torch.round(weight / step), step


class QuantisedLinear(nn.Linear):
    """A linear layer whose products take `effective` weights of `bits` bits."""

    bits = None

    @property
    def effective(self):
        """The weights that inputs are multiplied with."""
        return of_bits(self.weight, self.bits)

    def forward(self, values):
        return functional.linear(values, self.effective, self.bias)


class QuantisedConv2d(nn.Conv2d):
    """A convolution, as `QuantisedLinear`."""

    bits = None
    effective = QuantisedLinear.effective

    def forward(self, values):
        return self._conv_forward(values, self.effective, self.bias)


def effective(module):
    """The weights that a layer's module multiplies its inputs with."""
    return getattr(module, "effective", module.weight)


class StraightThrough(torch.autograd.Function):
    """Other values on the way forward; the gradient goes straight through."""

    @staticmethod
    def forward(ctx, _values, others):
        return others

    @staticmethod
    def backward(ctx, grad):
        return grad, None
