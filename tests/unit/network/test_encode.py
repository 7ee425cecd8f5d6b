"""Encodings against snnTorch's own, and their generators kept apart."""

import pytest
import torch
from snntorch import spikegen

from spikewatt.network.encoding import encode


def test_rate_draws_from_its_own_stream():
    images = torch.rand(3, 1, 4, 4)
    torch.manual_seed(11)
    expected = spikegen.rate(images, num_steps=7)
    torch.manual_seed(5)
    untouched = torch.get_rng_state()
    stream = torch.Generator().manual_seed(11)
    assert torch.equal(encode(images, "rate", 7, stream), expected)
    assert torch.equal(torch.get_rng_state(), untouched)
    assert not torch.equal(encode(images, "rate", 7, stream), expected)


def test_rate_is_the_probability_of_a_spike():
    images = torch.tensor([[[[0.0, 0.25, 1.0]]]])
    spikes = encode(images, "rate", 4000, torch.Generator().manual_seed(0))
    assert spikes.mean(0).flatten().tolist() == pytest.approx([0, 0.25, 1], abs=0.03)


def test_latency_lets_bright_pixels_fire_first_and_once():
    images = torch.tensor([[[[1.0, 0.5, 0.0]]]])
    spikes = encode(images, "latency", 10, None)
    first = spikes.argmax(0).flatten()
    assert spikes.sum(0).flatten().tolist() == [1, 1, 0]
    assert first[0] == 0 < first[1]


def test_delta_fires_when_the_image_appears():
    images = torch.tensor([[[[1.0, 0.05]]]])
    assert encode(images, "delta", 3, None).flatten(1).tolist() == [
        [1, 0],
        [0, 0],
        [0, 0],
    ]


def test_direct_gives_the_values_in_every_step():
    images = torch.rand(2, 1, 3, 3)
    given = encode(images, "direct", 4, None)
    assert given.shape == (4, 2, 1, 3, 3)
    assert all(torch.equal(step, images) for step in given)


def test_an_unknown_encoding_is_named():
    with pytest.raises(ValueError, match="morse.*rate, latency, delta, direct"):
        encode(torch.zeros(1, 1, 1, 1), "morse", 2, None)
