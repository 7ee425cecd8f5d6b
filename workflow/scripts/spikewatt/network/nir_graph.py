"""A network as a graph of the neuromorphic intermediate representation (nir 1.0.8).

NIR's neurons live in continuous time. Its LIF obeys

    τ·dv/dt = (v_leak − v) + R·I,    a spike where v > θ, then v := v_reset

and says nothing of time steps. Ours (`neuron.settings`, reset to zero) does

    U[t] = β·(1 − S[t−1])·U[t−1] + I[t],    S[t] = 1 where U[t] > θ

which is a forward Euler step of length dt of the former, with v_leak = v_reset = 0:

    v[t] = (1 − dt/τ)·v[t−1] + (dt/τ)·R·I[t]

where v is reset in the step that spikes, and U at the start of the next: spikes are the
same. So

| ours | NIR | back |
|---|---|---|
| β | τ = dt/(1 − β) | β = 1 − dt/τ |
| the current enters with factor 1 | R = τ/dt | (dt/τ)·R = 1 |
| θ | v_threshold = θ | the same |
| a time step | dt = 10⁻⁴ s, in the metadata | |

The dt is that of snnTorch's and SpikingJelly's importers, who do not ask for it;
whoever takes another one multiplies τ by the ratio and keeps R. In float32 β comes back
within 2⁻²⁴, and to the bit for nearly all from ½ on, 0.8 and 0.9 among them. β = 1 has
no τ: it is NIR's IF, dv/dt = R·I, with R = 1/dt.
"""

import nir
import numpy as np

TIME_STEP_S = 1e-4


def time_constant(beta, dt=TIME_STEP_S):
    """(τ in seconds, R) of a decay rate 0 ≤ β < 1 per step of dt seconds; float32.

    Of the floats next to dt/(1 − β) the one whose `decay_rate` comes closest to β.
    """
    beta = np.float32(beta)
    nearest = np.float32(float(np.float32(dt)) / (1 - float(beta)))
    around = [nearest]
    for end in (np.float32(0), np.float32(np.inf)):
        around.append(np.nextafter(nearest, end))
    tau = min(around, key=lambda one: abs(decay_rate(one, dt) - beta))
    return tau, np.float32(tau / dt)


def decay_rate(tau, dt=TIME_STEP_S):
    """β of a time constant τ in seconds, in float32, as importers work it out."""
    return np.float32(1) - np.float32(dt) / np.float32(tau)


def graph(layers, weights, neuron, metadata):
    """The `nir.NIRGraph` of a spiking network, type-checked.

    layers: `describe.Layer`s that `expressible.refusals` has nothing against; weights:
    (weight, bias) of each, float32 arrays F×N or F×C×K×K and F, as they are multiplied;
    neuron: a `settings.Neuron` with reset to zero; metadata: name → text or number.
    Dropout, which is for training, is left out. Shapes have no batch and no time.
    """
    nodes = {"input": nir.Input(input_type=np.array(layers[0].in_shape))}
    for number, (layer, arrays) in enumerate(zip(layers, weights, strict=True), 1):
        nodes |= _sums(number, layer, *arrays)
        nodes[f"neuron{number}"] = _neurons(layer.out_shape, neuron)
    nodes["output"] = nir.Output(output_type=np.array(layers[-1].out_shape))
    names = list(nodes)
    edges = list(zip(names, names[1:], strict=False))
    return nir.NIRGraph(nodes=nodes, edges=edges, metadata=metadata)


def _sums(number, layer, weight, bias):
    """The nodes of a layer's weighted sums and of its pooling, by name."""
    if layer.kind == "linear":
        flat = {}
        if len(layer.in_shape) > 1:
            shape = {"input": np.array(layer.in_shape)}
            flat[f"flatten{number}"] = nir.Flatten(shape, start_dim=0, end_dim=-1)
        return flat | {f"affine{number}": nir.Affine(weight=weight, bias=bias)}
    convolution = nir.Conv2d(
        input_shape=layer.in_shape[1:],
        weight=weight,
        stride=(layer.stride, layer.stride),
        padding=(layer.padding, layer.padding),
        dilation=(1, 1),
        groups=1,
        bias=bias,
    )
    pooled = {}
    if layer.pool > 1:
        # Pairs, since snnTorch reads no single number.
        edge, none = np.array([layer.pool] * 2), np.array([0, 0])
        pooled[f"pool{number}"] = nir.AvgPool2d(edge, stride=edge, padding=none)
    return {f"conv{number}": convolution} | pooled


def _neurons(shape, neuron):
    """NIR's neurons of a layer; each has all of its parameters, as NIR asks."""
    whole = np.ones(shape, np.float32)
    threshold = whole * np.float32(neuron.threshold)
    if neuron.beta == 1:
        return nir.IF(whole * np.float32(1 / TIME_STEP_S), threshold, 0 * whole)
    tau, resistance = time_constant(neuron.beta)
    return nir.LIF(
        tau=whole * tau,
        r=whole * resistance,
        v_leak=0 * whole,
        v_threshold=threshold,
        v_reset=0 * whole,
    )
