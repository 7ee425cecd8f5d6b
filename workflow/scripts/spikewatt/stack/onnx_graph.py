"""A quantised network as an ONNX graph of whole numbers (static QDQ).

What the fake-quantised network computes in float32 stands here as ONNX Runtime turns it
into integer operations: images as bytes of scale 1/255, weights int8 with a scale a
channel, biases int32 of scale input · weight, activations uint8 of scale λ/L. There
⌊x·L/λ + ½⌋ is the rounding of QuantizeLinear, the lower clip the end of its type, and
the upper clip a minimum with L. Pooling picks the largest of integers, which is the
same before and behind the clip. What differs: ties, which round to even, and biases,
which round to their scale: by max|w|/254 of a level of what comes in at most.
"""

import numpy as np

from spikewatt.network.quantised import in_integers

# Beyond it an activation is no byte, and weights are none beyond 8 bits.
MOST_LEVELS, MOST_BITS = 255, 8
MOST_WEIGHT, INT32 = 127, 2**31 - 1
OPSET, IR = 17, 10  # what ONNX Runtime has read since 1.17
IMAGE, LOGITS = "image", "logits"


class Unfit(ValueError):
    """This network cannot be put into bytes; the message says why."""


def require_fit(plan):
    """Raise `Unfit` where a plan's network has no weights and activations of bytes."""
    neuron, bits = plan["neuron"], plan["weight_bits"]
    if neuron["kind"] != "qcfs":
        raise Unfit(f"activations of {neuron['kind']} have no levels")
    if bits is None:
        raise Unfit("the weights are float32: weight_bits is not set")
    if bits > MOST_BITS:
        raise Unfit(f"weights of {bits} bits are no bytes: weight_bits is above 8")
    if neuron["levels"] > MOST_LEVELS:
        raise Unfit(f"{neuron['levels']} levels are no byte: levels is above 255")


def graph(network):
    """The `onnx.ModelProto` of a `network.weights.Network` of QCFS, for one sample.

    Its input `IMAGE` is uint8 1×C×H×W, pixels as they lie in the data; its output
    `LOGITS` float32 1×classes. Raises `Unfit` where a learned clip or a bias cannot be
    told in whole numbers, ImportError without onnx.
    """
    made, scale = _Graph(), np.float32(1 / 255)
    name, last = IMAGE, len(network.layers) - 1
    for number, (layer, module) in enumerate(
        zip(network.layers, network.weights, strict=True)
    ):
        if layer.kind == "linear" and len(layer.in_shape) > 1:
            name = made.node("Flatten", name, axis=1)
        values = made.dequantised(name, scale, np.uint8(0))
        out = LOGITS if number == last else None
        name = made.sums(layer, module, values, scale, number, out)
        if number < last:
            scale = step_of(network, number)
            name = made.activations(name, scale, network.neuron.levels, layer.pool)
    return made.model(network.layers)


def step_of(network, number):
    """λ/L of a layer: what one of its activations' levels is worth, float32."""
    clip = np.float32(network.clips[number].item())
    if not clip > 0:
        raise Unfit(f"the learned clip of layer {number + 1} is {clip}, not above 0")
    return clip / np.float32(network.neuron.levels)


def whole(module, scale, number):
    """(weights int8, their scales, biases int32, theirs) of a layer.

    scale: of its input. The weights have their channels first, the others one number a
    channel.
    """
    integers, step = (
        part.detach().cpu().numpy() for part in in_integers(module.weight, module.bits)
    )
    # Weights of fewer bits fill a byte all the same: biases have the weights' scale,
    # and would be as coarse.
    spread = MOST_WEIGHT // (2 ** (module.bits - 1) - 1)
    integers, steps = integers * spread, step.reshape(-1) / np.float32(spread)
    # No weight of a channel of zeros asks for a step: its bias takes the finest other.
    fine = steps[steps > 0].min(initial=np.float32(1))
    steps = np.where(steps > 0, steps, fine)
    integers = np.nan_to_num(integers, nan=0.0).astype(np.int8)
    quanta = (np.float32(scale) * steps).astype(np.float32)
    bias = np.rint(module.bias.detach().cpu().double().numpy() / quanta.astype(float))
    if np.abs(bias).max(initial=0) > INT32:
        raise Unfit(f"a bias of layer {number + 1} is no integer of 32 bits")
    return integers, steps, bias.astype(np.int32), quanta


class _Graph:
    """Nodes and constants as they are added, each under a name of its own."""

    def __init__(self):
        # optional: envs/onnx.txt
        from onnx import TensorProto, helper, numpy_helper

        self.helper, self.types, self.arrays = helper, TensorProto, numpy_helper
        self.nodes, self.constants = [], []

    def node(self, kind, *inputs, out=None, **attributes):
        """Add an operation on names or arrays; the name of its output."""
        names = [one if isinstance(one, str) else self._constant(one) for one in inputs]
        out = out or f"{kind}_{len(self.nodes)}"
        self.nodes.append(self.helper.make_node(kind, names, [out], **attributes))
        return out

    def dequantised(self, values, scale, zero, **attributes):
        return self.node("DequantizeLinear", values, scale, zero, **attributes)

    def sums(self, layer, module, values, scale, number, out):
        """The weighted sums of a layer, before pooling."""
        integers, steps, bias, quanta = whole(module, scale, number)
        zeros = np.zeros(len(steps), np.int8)
        bias = self.dequantised(bias, quanta, zeros.astype(np.int32), axis=0)
        if layer.kind == "linear":
            matrix = np.ascontiguousarray(integers.T)  # as integer products take it
            weight = self.dequantised(matrix, steps, zeros, axis=1)
            return self.node("Gemm", values, weight, bias, out=out)
        weight = self.dequantised(integers, steps, zeros, axis=0)
        return self.node(
            *("Conv", values, weight, bias),
            out=out,
            kernel_shape=[layer.kernel] * 2,
            strides=[layer.stride] * 2,
            pads=[layer.padding] * 4,
        )

    def activations(self, sums, scale, levels, pool):
        """QCFS of sums, pooled: uint8 from 0 to `levels`."""
        name = self.node("QuantizeLinear", sums, scale, np.uint8(0))
        if pool > 1:
            edges = {"kernel_shape": [pool] * 2, "strides": [pool] * 2}
            name = self.node("MaxPool", name, **edges)
        if levels < MOST_LEVELS:
            name = self.node("Min", name, np.uint8(levels))
        return name

    def model(self, layers):
        """The whole graph, checked by onnx."""
        from onnx import checker

        helper, types = self.helper, self.types
        shapes = [1, *layers[0].in_shape], [1, *layers[-1].out_shape]
        image = helper.make_tensor_value_info(IMAGE, types.UINT8, shapes[0])
        logits = helper.make_tensor_value_info(LOGITS, types.FLOAT, shapes[1])
        inner = helper.make_graph(
            self.nodes, "quantised", [image], [logits], self.constants
        )
        opset = [helper.make_opsetid("", OPSET)]
        made = helper.make_model(inner, opset_imports=opset, ir_version=IR)
        checker.check_model(made)
        return made

    def _constant(self, value):
        name = f"constant_{len(self.constants)}"
        array = np.asarray(value)
        self.constants.append(self.arrays.from_array(array, name))
        return name
