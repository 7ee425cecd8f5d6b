"""bfloat16 products by the processor's own instructions, where it has them.

They multiply bfloat16 operands and sum in float32, as the rounding in software does.
But no operation of torch on a CPU hands such a sum on in float32 (`torch.mm` with
`out_dtype` is CUDA's alone, oneDNN's bfloat16 arithmetic for float32 arrays needs AMX):
the result is rounded to bfloat16, too. So

- a network without spikes has what a GPU has, `torch.autocast`: currents, the bias, and
  the gradients of weights and inputs are rounded as well;
- a spiking layer without pooling has them for its gradients alone; behind a pooling its
  winners make them, of rounded operands in float32. Its currents stay float32 sums of
  rounded weights, so that its spikes don't depend on how the sums were made.

A layer keeps the software's way where these instructions are much slower, as where a
library has no kernels for them; that is measured at start. The two ways don't have the
same bits, so it takes more than the noise of a busy machine to change from one to the
other: `MUCH` and `LITTLE_S`.
"""

import logging
from functools import partial

import torch

from spikewatt.network.quantised import effective
from spikewatt.stack.fast import spike_events, ways
from spikewatt.stack.fast.geometry import geometry
from spikewatt.stack.fast.products import Matrix
from spikewatt.stack.fast.records import Block

log = logging.getLogger("spikewatt")

# Products of bfloat16, as `torch.cpu.get_capabilities` calls them: x86, x86's matrix
# units, Arm. AVX-512 alone has none: there oneDNN imitates them, which is slow.
INSTRUCTIONS = ("avx512_bf16", "amx_bf16", "bf16")
# How many times the software's seconds the instructions may take, and how many seconds
# more whatever the software takes.
MUCH, LITTLE_S = 2.0, 2e-4
NATIVE, SOFTWARE, WINNERS = "native", "software", "winners"
SAMPLES = 4


def instructions():
    """Those of `INSTRUCTIONS` that the processor has and torch's oneDNN may use."""
    if not torch.backends.mkldnn.is_available():
        return []
    told = torch.cpu.get_capabilities()
    return [name for name in INSTRUCTIONS if told.get(name)]


def weighted_sums(network, software):
    """(what gives each layer's sums, how: a dict a layer for run.json).

    network: without spikes; software: functions that round in software, one a layer.
    """
    rows = zip(network.layers, network.weights, software, strict=True)
    made = [_choose_sums(number, *row) for number, row in enumerate(rows)]
    log.debug("Products in bfloat16: %s", made)
    return [sums for sums, _ in made], [told for _, told in made]


def _choose_sums(number, layer, module, software):
    if not instructions():
        return software, {"layer": number, "products": SOFTWARE}
    sums = {NATIVE: Native(layer, module), SOFTWARE: software}
    values = torch.rand((SAMPLES, *layer.in_shape), generator=_generator())
    if values.ndim > 2:
        values = values.contiguous(memory_format=torch.channels_last)
    values = values.flatten(1) if layer.kind == "linear" else values
    values.requires_grad_(number > 0)
    way, seconds = faster(
        **{
            way: partial(_there_and_back, made, module, values)
            for way, made in sums.items()
        }
    )
    return sums[way], {"layer": number, "products": way, "seconds": seconds}


def choose_gradients(layers):
    """Set `dense.native` of each `SpikingLayer`; how, a dict a layer for run.json."""
    made = [_choose_gradients(number, layer) for number, layer in enumerate(layers)]
    log.debug("Gradients in bfloat16: %s", made)
    return made


def _choose_gradients(number, layer):
    if layer.sparse.pooled:  # no dense products make them
        return {"layer": number, "gradients": WINNERS}
    if not instructions():
        return {"layer": number, "gradients": SOFTWARE}
    work = _dense_back(layer)
    way, seconds = faster(native=partial(work, True), software=partial(work, False))
    layer.dense.native = way == NATIVE
    return {"layer": number, "gradients": way, "seconds": seconds}


def faster(native, software):
    """(the way to take, {way: seconds}) of two functions that do the same work."""
    seconds = {NATIVE: ways.shortest(native), SOFTWARE: ways.shortest(software)}
    much = seconds[NATIVE] > MUCH * seconds[SOFTWARE] + LITTLE_S
    told = {way: round(taken, 6) for way, taken in seconds.items()}
    return SOFTWARE if much else NATIVE, told


def _there_and_back(sums, module, values):
    """Weighted sums and their gradients; nothing is added to the parameters'."""
    with torch.enable_grad():
        made = sums(values)
        wanted = [v for v in (values, *module.parameters()) if v.requires_grad]
        if wanted:
            torch.autograd.grad(made, wanted, torch.ones_like(made))


def _dense_back(layer):
    """A function of whether by the instructions: a layer's gradients, dense."""
    steps, shape, generator = ways.STEPS, layer.shape, _generator()
    drawn = torch.rand((steps, SAMPLES, shape.inputs), generator=generator)
    events = spike_events.from_frames((drawn < ways.DENSITIES[0]).float())
    kept = layer.dense.room(steps, SAMPLES)
    operand = layer.dense.operand()
    layer.dense.forward(events, operand, kept, [(0, SAMPLES)])
    frames = layer.dense.frames(events, 0, SAMPLES)
    received = torch.randn((steps, SAMPLES, shape.neurons), generator=generator)
    grad = Block(received.numpy(), 0)

    def work(native):
        layer.dense.native = native
        layer.dense.backward(frames, operand, grad, kept, True)

    return work


def _generator():
    return torch.Generator().manual_seed(0)


class Native:
    """A layer's weighted sums under `torch.autocast`.

    They are handed on in bfloat16 where only the largest of a window and ReLU follow:
    these round nothing, and move half the bytes. Elsewhere they become float32 again.

    A convolution of an image within its kernel is one matrix product: with 5×5 kernels
    on a 2×2 image that is a sixth of the convolution's, which meets padding.
    """

    def __init__(self, layer, module):
        self.module, self.matrix = module, None
        self.narrow = layer.neuron == "relu" and layer.pooling == "max"
        if layer.kind == "conv" and layer.stride == 1 and geometry(layer).whole:
            self.matrix = Matrix(layer, geometry(layer))

    def __call__(self, values):
        with torch.autocast("cpu", torch.bfloat16):
            work = self.module if self.matrix is None else self._as_matrix
            sums = work(values)
        return sums if self.narrow else sums.float()

    def _as_matrix(self, values):
        matrix = _AsMatrix.apply(effective(self.module), self.matrix)
        frames = values.permute(0, 2, 3, 1).flatten(1)
        sums = self.matrix.forward(frames, matrix, self.module.bias)
        return sums.permute(0, 3, 1, 2)


class _AsMatrix(torch.autograd.Function):
    """Kernels as `Matrix` has them, in bfloat16; shares of a weight meet in float32."""

    @staticmethod
    def forward(ctx, weight, matrix):
        ctx.matrix = matrix
        return matrix.operand(weight.bfloat16())

    @staticmethod
    def backward(ctx, grad):
        return ctx.matrix.unpacked(grad.float()), None
