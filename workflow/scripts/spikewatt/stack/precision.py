"""What `precision` of the config means for the fast stack.

The operands of every product are rounded to fewer explicit bits of mantissa, to the
nearest and ties to even: a layer's weights and inputs, and in backward the gradient
that comes to its weighted sums.

| precision | bits |
|---|---|
| float32 | 23, nothing is rounded |
| tf32 | 10 |
| bfloat16 | 7 |

Sums, membrane potentials, thresholds, biases and their gradients, the weights that
Adam changes, loss and Adam itself stay float32. Spikes and counts of up to 256 events
are exact in all three, so that in a spiking layer forward rounds the weights alone,
and behind dropout the inputs too.

On a GPU the hardware does it, in tensor cores. Two things differ there: TF32 may
resolve ties otherwise, and bfloat16 (under `torch.autocast`) rounds what a product
gives as well, and the bias: currents, and the gradients of weights and inputs.
On a CPU the rounding is done in software, on float32 arrays: not faster, but it shows
what a precision does to accuracy. `fast.native` puts a processor's own bfloat16 in its
place where there is one.
"""

from functools import partial

import torch
from torch.nn import functional

from spikewatt.network.quantised import StraightThrough, effective
from spikewatt.stack import tensor_cores
from spikewatt.stack.fixed_point import DIGITS, FixedPoint

# Explicit bits of mantissa; None: as they are.
BITS = {"float32": None, "tf32": 10, "bfloat16": 7}
NAMES = (*BITS, *DIGITS)
MANTISSA = 23
# The first NVIDIA cards whose tensor cores take TF32 and bfloat16.
CAPABILITY = (8, 0)


def rounded(values, bits):
    """float32 `values` rounded to `bits` of mantissa, to the nearest, ties to even.

    A new tensor, float32; `values` themselves where `bits` is None. Infinities and
    NaN stay; finite numbers beyond the largest that the bits can hold become infinite.
    Raises TypeError for other types.
    """
    if bits is None:
        return values
    if values.dtype != torch.float32:
        raise TypeError(f"rounded takes float32 values, not {values.dtype}")
    if bits == BITS["bfloat16"]:
        return values.detach().bfloat16().float()  # the same, in two passes
    dropped = MANTISSA - bits
    words = values.detach().view(torch.int32)
    even = (words >> dropped) & 1  # to the last bit kept
    # The carry goes on into the exponent, as it must. Signs are apart from it.
    words = (words + (even + (2 ** (dropped - 1) - 1))) & -(2**dropped)
    return torch.where(values.isnan(), values.detach(), words.view(torch.float32))


def check(precision, device):
    """Raise ValueError where `device` has no hardware for `precision`.

    None is what a run of the reference stack has.
    """
    if precision is None:
        return
    if precision not in NAMES:
        raise ValueError(f"precision {precision!r}: allowed are {', '.join(NAMES)}")
    if precision in DIGITS:
        if device.type != "cpu":
            raise ValueError(
                f"precision: {precision} in the config sums spikes in whole numbers, "
                f"which this program does on a CPU alone, but the device is {device}; "
                "use device: cpu, or precision: float32, tf32 or bfloat16"
            )
        return
    if BITS[precision] is None or device.type != "cuda":
        return
    capability = torch.cuda.get_device_capability(device)
    if capability < CAPABILITY:
        name = torch.cuda.get_device_name(device)
        raise ValueError(
            f"precision: {precision} in the config needs a GPU of compute capability "
            f"{CAPABILITY[0]}.{CAPABILITY[1]} or more, but {name} has {capability[0]}."
            f"{capability[1]}; use precision: float32, or device: cpu, which rounds in "
            "software"
        )


def allow(precision, device):
    """Tell torch what CUDA products may round; call it before every batch.

    float32 forbids TF32 everywhere. None gives torch's own defaults, which let
    convolutions of float32 values use TF32: the reference stack keeps them.
    The switches are of the whole process, and backward obeys them too.
    """
    if precision is None:
        tensor_cores.torch_defaults(device)
        return
    tf32 = precision == "tf32"
    # Sums stay float32, also where a product is cut in parts that are added up.
    tensor_cores.switch(device, products=tf32, convolutions=tf32, sums=False)


def weighted_sums(network, precision, device):
    """What gives each layer's weighted sums of its input: functions, or modules."""
    if precision in DIGITS:
        after_dropout = [False, *(bool(layer.dropout) for layer in network.layers)]
        pairs = zip(network.weights, after_dropout[:-1], strict=True)
        return [partial(whole, *pair, DIGITS[precision]) for pair in pairs]
    bits = BITS[precision]
    if bits is None or (device.type == "cuda" and precision == "tf32"):
        return network.weights
    if device.type == "cuda":
        return [partial(autocast, module) for module in network.weights]
    return [partial(emulated, module, bits) for module in network.weights]


def autocast(module, values):
    """Weighted sums in bfloat16, handed on as float32."""
    with torch.autocast(values.device.type, torch.bfloat16):
        return module(values).float()


def emulated(module, bits, values):
    """Weighted sums of rounded operands; the sums themselves are float32."""
    values, weight = (_Round.apply(v, bits) for v in (values, effective(module)))
    bias = module.bias
    if not isinstance(module, torch.nn.Linear):
        bias = bias[:, None, None]
    return _RoundGradient.apply(_sums(module, values, weight), bits) + bias


class _Round(torch.autograd.Function):
    """Rounds on the way forward; the gradient goes straight through."""

    @staticmethod
    def forward(ctx, values, bits):
        return rounded(values, bits)

    @staticmethod
    def backward(ctx, grad):
        return grad, None


class _RoundGradient(torch.autograd.Function):
    """Lets values through and rounds their gradient, an operand in backward."""

    @staticmethod
    def forward(ctx, values, bits):
        ctx.bits = bits
        return values.view_as(values)

    @staticmethod
    def backward(ctx, grad):
        return rounded(grad, ctx.bits), None


def whole(module, after_dropout, digits, spikes):
    """Weighted sums of spikes, weights in fixed point; exact, then rounded to float32.

    spikes: batch first, whole numbers; after dropout 0 and the worth of what it left.
    In double precision any sum of such integers is exact, so this has the bits of
    `fast.integer_layer`, for any stride. The gradient is that of float32 sums of the
    rounded weights, straight through the rounding.
    """
    fixed = FixedPoint.of(module.weight, digits)
    floats = _sums(module, spikes, StraightThrough.apply(module.weight, fixed.values()))
    with torch.no_grad():
        gain = spikes.amax().double() if after_dropout and spikes.any() else 1.0
        counts = spikes.sign() if after_dropout else spikes
        sums = _sums(module, counts.double(), fixed.integers.double())
        beside = (-1, *[1] * (sums.ndim - 2))
        sums *= (fixed.quantum * gain).view(beside)
        exact = (sums + module.bias.double().view(beside)).float()
    bias = module.bias.view(beside)
    return StraightThrough.apply(floats + bias, exact)


def _sums(module, values, weight):
    if isinstance(module, torch.nn.Linear):
        return functional.linear(values, weight)
    return functional.conv2d(values, weight, None, module.stride, module.padding)
