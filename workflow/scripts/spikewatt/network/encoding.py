"""Static images over time: rate, latency and delta coding, or directly as currents.

The three that give spikes are snnTorch's. An image batch is float32 in [0, 1], shape
B×C×H×W; what comes out is float32, shape T×B×C×H×W: zeros and ones of a spike train,
or the values themselves where they are given directly.
"""

import contextlib

import torch
from snntorch import spikegen

ENCODINGS = ("rate", "latency", "delta", "direct")


def encode(images, encoding, steps, generator):
    """Encode `images` over `steps` time steps.

    rate: each pixel spikes at each step with the probability of its intensity.
    latency: one spike per pixel, the earlier the brighter (linear, over all steps).
    delta: one spike where the intensity rises by more than 0.1 between steps; a
    static image rises once, when it appears.
    direct: the values are the input of every step; a view, in which time takes no room.
    Raises ValueError for an unknown encoding.
    """
    if encoding == "rate":
        with drawing_from(generator):
            return spikegen.rate(images, num_steps=steps)
    if encoding == "latency":
        return spikegen.latency(
            images, num_steps=steps, normalize=True, linear=True, clip=True
        )
    shown = images.unsqueeze(0).expand(steps, *images.shape)
    if encoding == "delta":
        return spikegen.delta(shown, threshold=0.1, padding=False)
    if encoding == "direct":
        return shown
    raise ValueError(f"encoding {encoding!r}: allowed are {', '.join(ENCODINGS)}")


@contextlib.contextmanager
def drawing_from(generator):
    """Let code that draws from torch's global generator draw from `generator`.

    snnTorch takes no generator; this keeps its draws on the stream meant for them.
    """
    default = _global(generator.device)
    before = default.get_state()
    default.set_state(generator.get_state())
    try:
        yield
    finally:
        generator.set_state(default.get_state())
        default.set_state(before)


def _global(device):
    if device.type == "cuda":
        return torch.cuda.default_generators[device.index or 0]
    if device.type == "mps":
        return torch.mps._get_default_mps_generator()
    return torch.default_generator
