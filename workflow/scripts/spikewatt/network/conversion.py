"""«Shadow training»: weights of a network without spikes, made those of a spiking one.

Each layer's activations are divided by a threshold θ, so that neurons of threshold 1
fire at the rate a/θ (Rueckauer et al., Front. Neurosci. 2017, with its biases and its
analogue input; Diehl et al., IJCNN 2015). With θ₀ = 1 for the input,

    W'ₗ = Wₗ · θₗ₋₁/θₗ        b'ₗ = bₗ/θₗ

Thresholds of QCFS activations are their learned clips λ, which is exact (Bu et al.,
ICLR 2022); of others the 99.9th percentile of the activations on training samples. Of
the output it is that percentile of each sample's largest logit: it alone is to be told
from the others, and smaller ones fire less or never.

The neurons integrate without decay, start from half a threshold, and a spike takes one
threshold off. Under a constant input z (in thresholds) such a neuron has fired
clip(⌊T·z + ½⌋, 0, T) times after T steps: QCFS with L = T, integer by integer. Deeper
layers get spikes, no constant input: N spikes then leave a potential V with
N = T·z̄ + ½ − V for the mean input z̄, so that N is QCFS's integer wherever 0 ≤ V < 1,
and off by no more than ⌈|V|⌉ elsewhere.
"""

import numpy as np
import torch
from torch.nn import functional

from spikewatt.network.quantised import effective
from spikewatt.network.weights import activations

PERCENTILE = 99.9


def thresholds(network, images, batch=128):
    """The threshold θ of each layer, floats; see above.

    network: a `weights.Network` of relu or QCFS; images: training samples as it takes
    them, N×C×H×W. Raises ValueError where a layer never is above 0.
    """
    network.eval()
    with torch.no_grad():
        found = [_highest(network, part) for part in images.split(batch)]
    layers = list(map(np.concatenate, zip(*found, strict=True)))
    made = [float(np.percentile(values, PERCENTILE)) for values in layers]
    if network.neuron and network.neuron.kind == "qcfs":
        made[:-1] = [clip.item() for clip in network.clips]
    for number, threshold in enumerate(made, start=1):
        if threshold <= 0:
            raise ValueError(
                f"layer {number} of {len(made)} is not above 0 on {len(images)} "
                "training samples: it would never fire. Train the source longer"
            )
    return made


def _highest(network, images):
    """What the percentile is taken of: activations, and of logits the largest."""
    *hidden, logits = activations(network, images)
    return [*(a.flatten().cpu().numpy() for a in hidden), logits.amax(1).cpu().numpy()]


def converted(network, found):
    """The spiking network's weights, as `Network.state_dict` names them.

    network: as for `thresholds`; found: what that gave.
    """
    weights, before = {}, 1.0
    for number, (module, threshold) in enumerate(
        zip(network.weights, found, strict=True)
    ):
        name = f"weights.{number}"
        weights[f"{name}.weight"] = effective(module).detach() * (before / threshold)
        weights[f"{name}.bias"] = module.bias.detach() / threshold
        before = threshold
    return weights


def pools_over_time(layer):
    """Whether a converted layer's pooling needs `grown`: of the largest alone.

    The mean of currents adds up over time to the mean of their sums as it is.
    """
    return layer.pool > 1 and layer.pooling == "max"


def grown(currents, edge, state=None):
    """Max-pooling over time: how much the largest sum of each window has grown.

    currents: T×B×C×H×W before pooling; edge: of the window; state: (sums, maxima) that
    an earlier call left. Returns (pooled T×B×C×h×w, state). Spikes are no rates: the
    largest current of each step would add up to more than any member's own sum. The
    growth adds up to the largest sum exactly, whose share of T is what the network
    without spikes pools. It stands for the gate of Rueckauer et al., which passes the
    input that has fired most.
    """
    sums = currents.cumsum(0)
    if state is not None:
        sums = sums + state[0]
    maxima = functional.max_pool2d(sums.flatten(0, 1), edge)
    maxima = maxima.view(*currents.shape[:2], *maxima.shape[1:])
    first = torch.zeros_like(maxima[0]) if state is None else state[1]
    before = torch.cat([first[None], maxima[:-1]])
    return maxima - before, (sums[-1], maxima[-1])
