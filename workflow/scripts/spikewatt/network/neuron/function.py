"""One differentiable operation for all time steps of a layer of neurons."""

import importlib.util

import torch

from spikewatt.network.neuron import torch_form


def lif(current, beta, threshold, state=None):
    """Leaky integrate-and-fire neurons over all time steps.

    current: T×…, any strides; state: the potentials before the first step, of shape …
    (zeros where None). Returns (spikes T×…, potential after the last step …). Feeding
    that potential to the next call cuts time into chunks with exact gradients.
    Raises ValueError where there is no time step.
    """
    if current.ndim == 0 or current.shape[0] == 0:
        raise ValueError(f"a current of shape {tuple(current.shape)} has no time step")
    if state is None:
        state = current.new_zeros(current.shape[1:])
    return Lif.apply(current, state, float(beta), float(threshold))


class Lif(torch.autograd.Function):
    """The neuron and its surrogate gradient.

    Forward, with the reset R[t] = S[t−1] held constant (detached):

        U[t] = β·U[t−1] + I[t] − R[t]·θ        S[t] = H(U[t] − θ)

    Backward: the step function's derivative is replaced by that of arctan(πx)/π,

        σ'(x) = 1 / (1 + (πx)²)        x = U[t] − θ

    (the paper's equation (12) without its surplus factor 1/π; snnTorch's `atan`).
    U[t] reaches the loss in two ways, through S[t] and through U[t+1], whose
    derivative is β alone because the reset is constant. With g[t] = ∂L/∂U[t]:

        g[t] = ∂L/∂S[t] · σ'(U[t] − θ) + β·g[t+1]        g[T] = 0

    The last potential is an output as well, so ∂L/∂U[T−1] coming from outside is
    added to g[T−1]. I[t] enters U[t] with factor 1 and the initial potential enters
    U[0] with factor β: ∂L/∂I[t] = g[t] and ∂L/∂U[−1] = β·g[0].

    Only the potentials are kept for backward; they tell the spikes too.
    """

    @staticmethod
    def forward(ctx, current, state, beta, threshold):
        ctx.shape, ctx.constants = current.shape, (beta, threshold)
        ctx.set_materialize_grads(True)
        flat = current.reshape(current.shape[0], -1).contiguous()
        potential, spikes = _backend(flat).forward(
            flat, state.reshape(-1).contiguous(), beta, threshold
        )
        ctx.save_for_backward(potential)
        last = potential[-1].reshape(current.shape[1:]).clone()
        return spikes.view(current.shape), last

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad_spikes, grad_last):
        (potential,) = ctx.saved_tensors
        grad = grad_spikes.reshape(potential.shape).contiguous()
        carry = grad_last.reshape(-1).contiguous()
        grad, carry = _backend(potential).backward(
            potential, grad, carry, *ctx.constants
        )
        return grad.view(ctx.shape), carry.view(ctx.shape[1:]), None, None


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


def _backend(values):
    """numba on the CPU, Triton on a GPU that has it, plain PyTorch otherwise."""
    if values.dtype == torch.float32 and values.numel():
        if values.device.type == "cpu":
            return _Numba
        if values.device.type == "cuda" and importlib.util.find_spec("triton"):
            from spikewatt.network.neuron import triton_kernels

            return triton_kernels
    return torch_form
