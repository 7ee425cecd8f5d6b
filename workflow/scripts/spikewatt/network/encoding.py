"""Static images to spike trains: rate, latency and delta coding.

All three are snnTorch's. An image batch is float32 in [0, 1], shape B×C×H×W; a spike
train is float32 of zeros and ones, shape T×B×C×H×W.
"""

import contextlib

import torch
from snntorch import spikegen

ENCODINGS = ("rate", "latency", "delta")


def encode(images, encoding, steps, generator):
    """Encode `images` into spikes over `steps` time steps.

    rate: each pixel spikes at each step with the probability of its intensity.
    latency: one spike per pixel, the earlier the brighter (linear, over all steps).
    delta: one spike where the intensity rises by more than 0.1 between steps; a
    static image rises once, when it appears.
    Raises ValueError for an unknown encoding.
    """
    if encoding == "rate":
        with drawing_from(generator):
            return spikegen.rate(images, num_steps=steps)
    if encoding == "latency":
        return spikegen.latency(
            images, num_steps=steps, normalize=True, linear=True, clip=True
        )
    if encoding == "delta":
        shown = images.unsqueeze(0).expand(steps, *images.shape)
        return spikegen.delta(shown, threshold=0.1, padding=False)
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
    return torch.default_generator
