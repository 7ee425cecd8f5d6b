"""Whether a run's own path computes in the precision that it is called after.

Few bits are rounded to in float32 where training needs gradients through them, and so
they are tested. What that takes is the time of float32, not of those bits.
"""

from spikewatt.network.neuron.settings import Neuron


def emulated(plan, device, stack):
    """A sentence on what was computed instead, or None where nothing stands for it.

    plan: of a run; device: a `torch.device`; stack: as the run's test left it.
    """
    return _of_bits(plan) or _of_products(plan["precision"], device, stack)


def _of_bits(plan):
    """What is said of weights of few bits and activations of few levels."""
    neuron, bits = Neuron.of(plan["neuron"]), plan["weight_bits"]
    parts = [f"weights of {bits} bits"] if bits else []
    parts += [f"activations of {neuron.levels} levels"] if neuron.levels else []
    return f"{' and '.join(parts)} are computed in float32" if parts else None


def _of_products(precision, device, stack):
    """What is said of the fast stack's `precision`."""
    if precision in (None, "float32"):
        return None
    ways = getattr(stack, "ways", None)
    if precision in ("tf32", "bfloat16"):
        return _of_rounding(precision, ways) if device.type == "cpu" else None
    if ways is None:
        return f"sums of {precision} are made in float64"
    where = _where(ways, "dense", "int8")
    return where and f"dense sums of {precision} are made in float32 in {where}"


def _of_rounding(precision, ways):
    """What is said of products on a CPU; a spiking layer's gradients are no products.

    An answer takes the way forward alone.
    """
    said = f"{precision} is rounded to in software"
    if not ways or "products" not in ways[0]:
        return said
    where = _where(ways, "products", "native")
    return where and f"{said} in {where}"


def _where(ways, what, own):
    """The layers that don't have a precision's `own` way of `what`; None: all have."""
    layers = [str(1 + one["layer"]) for one in ways if one[what] != own]
    if not layers:
        return None
    return f"layer{'s' if len(layers) > 1 else ''} {', '.join(layers)}"
