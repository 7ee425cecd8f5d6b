"""One differentiable operation for all time steps of a layer of neurons."""

import functools
import importlib.util
import logging

import torch

from spikewatt.network.neuron import torch_form

log = logging.getLogger("spikewatt")


def lif(current, neuron, state=None):
    """Leaky integrate-and-fire neurons over all time steps.

    current: T×…, any strides; neuron: a `settings.Neuron`; state: the potentials
    before the first step, of shape … (zeros where None). Returns (spikes T×…, potential
    after the last step …). Feeding that potential to the next call cuts time into
    chunks with exact gradients. Raises ValueError where there is no time step.
    """
    if current.ndim == 0 or current.shape[0] == 0:
        raise ValueError(f"a current of shape {tuple(current.shape)} has no time step")
    if state is None:
        state = current.new_zeros(current.shape[1:])
    return Lif.apply(current, state, neuron)


class Lif(torch.autograd.Function):
    """The neuron and its surrogate gradient; for U, R and σ' see `settings`.

    Backward: U[t] reaches the loss in two ways, through S[t], whose derivative is the
    surrogate's, and through U[t+1]. The reset R[t+1] is constant, so that ∂U[t+1]/∂U[t]
    is β where it is subtracted or absent, and β·(1 − R[t+1]) where it is to zero. With
    g[t] = ∂L/∂U[t]:

        g[t] = ∂L/∂S[t] · σ'(U[t] − θ) + ∂U[t+1]/∂U[t] · g[t+1]        g[T] = 0

    The last potential is an output as well, so ∂L/∂U[T−1] coming from outside is
    added to g[T−1]. I[t] enters U[t] with factor 1: ∂L/∂I[t] = g[t]. The initial
    potential U[−1] gets ∂U[0]/∂U[−1] · g[0].

    Only the potentials are kept for backward; they tell the spikes too.
    """

    @staticmethod
    def forward(ctx, current, state, neuron):
        ctx.shape, ctx.neuron = current.shape, neuron
        ctx.set_materialize_grads(True)
        flat = current.reshape(current.shape[0], -1).contiguous()
        state = state.reshape(-1).contiguous()
        potential, spikes = _backend(flat, neuron).forward(flat, state, neuron)
        ctx.save_for_backward(potential, state)
        last = potential[-1].reshape(current.shape[1:]).clone()
        return spikes.view(current.shape), last

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad_spikes, grad_last):
        potential, state = ctx.saved_tensors
        grad = grad_spikes.reshape(potential.shape).contiguous()
        carry = grad_last.reshape(-1).contiguous()
        backend = _backend(potential, ctx.neuron)
        grad, carry = backend.backward(potential, state, grad, carry, ctx.neuron)
        return grad.view(ctx.shape), carry.view(ctx.shape[1:]), None


class _Numba:
    """The CPU kernels behind the interface of `torch_form`."""

    @staticmethod
    def forward(*arguments):
        return _through_numpy("forward", arguments)

    @staticmethod
    def backward(*arguments):
        return _through_numpy("backward", arguments)


def _through_numpy(name, arguments):
    from spikewatt.network.neuron import numba_kernels

    arrays = [a.detach().numpy() if torch.is_tensor(a) else a for a in arguments]
    results = getattr(numba_kernels, name)(*arrays)
    return tuple(torch.from_numpy(result) for result in results)


def _backend(values, neuron):
    """numba on the CPU, Triton on a GPU that has it, plain PyTorch otherwise."""
    if values.dtype != torch.float32 or not values.numel():
        return torch_form
    kernels, backend = _compiled(values.device.type)
    if kernels and kernels.supports(neuron):
        return backend
    _say_once(
        f"No compiled kernel on {values.device.type} for {neuron}: its neurons run in "
        "plain PyTorch, one time step after the other."
    )
    return torch_form


def _compiled(device_type):
    """(module of compiled kernels, what to call) of a device, or (None, None)."""
    if device_type == "cpu":
        from spikewatt.network.neuron import numba_kernels

        return numba_kernels, _Numba
    if device_type == "cuda" and importlib.util.find_spec("triton"):
        from spikewatt.network.neuron import triton_kernels

        return triton_kernels, triton_kernels
    return None, None


@functools.cache
def _say_once(text):
    log.warning(text)
