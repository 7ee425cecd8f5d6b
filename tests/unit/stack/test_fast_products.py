"""Dense sums as one matrix: where they may be, and that they are a convolution."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from spikewatt.network.describe import describe
from spikewatt.stack.fast import products as dense_products
from spikewatt.stack.fast.geometry import geometry
from spikewatt.stack.fast.products import Matrix, products

BY_MATRIX = [
    {"shape": (3, 2, 2), "kernel": 5, "padding": 2, "pool": 2},
    {"shape": (3, 2, 2), "kernel": 5, "padding": 2},
    {"shape": (2, 3, 3), "kernel": 5, "padding": 2, "pool": 2},  # a row left unpooled
    {"shape": (2, 1, 2), "kernel": 3, "padding": 1},
    {"shape": (2, 5, 5), "kernel": 5},
]
BY_CONVOLUTION = [
    {"shape": (3, 4, 4), "kernel": 5, "padding": 2, "pool": 2},
    {"shape": (2, 3, 2), "kernel": 3, "padding": 1},
    {"shape": (2, 6, 5), "kernel": 5},
]


def case(shape, **entry):
    """(geometry, products, module) of a convolution with 4 filters."""
    layer, _ = describe([{"conv": 4} | entry, {"linear": 10}], shape, "lif")
    module = torch.nn.Conv2d(shape[0], 4, entry["kernel"])
    torch.nn.init.normal_(module.weight)
    shapes = geometry(layer)
    return shapes, products(layer, shapes), module


@pytest.mark.parametrize("entry", BY_MATRIX + BY_CONVOLUTION)
def test_a_matrix_where_every_current_reaches_back_to_every_input(entry):
    g, made, module = case(**entry)
    image = torch.zeros(1, g.channels, g.height, g.width, requires_grad=True)
    ones = torch.ones_like(module.weight)
    currents = functional.conv2d(image, ones, padding=g.padding)
    seen = [
        torch.autograd.grad(currents[0, 0, y, x], image, retain_graph=True)[0].all()
        for y in range(g.rows)
        for x in range(g.columns)
    ]
    assert isinstance(made, Matrix) == all(seen) == (entry in BY_MATRIX)


@pytest.mark.parametrize("onednn", [True, False])
@pytest.mark.parametrize("entry", BY_MATRIX + BY_CONVOLUTION)
def test_sums_and_gradients_are_those_of_conv2d(entry, onednn, monkeypatch):
    """With oneDNN's product where torch has one, and without."""
    monkeypatch.setattr(dense_products, "ONEDNN", onednn and dense_products.ONEDNN)
    torch.manual_seed(0)
    g, made, module = case(**entry)
    frames = torch.randn(2, 3, g.inputs)  # steps, batch, pixels with channels innermost
    images = frames.view(6, g.height, g.width, g.channels).permute(0, 3, 1, 2).clone()
    images.requires_grad_()
    expected = functional.conv2d(
        images, module.weight, module.bias, padding=g.padding
    ).permute(0, 2, 3, 1)[:, : g.rows, : g.columns]
    grad = torch.randn(expected.shape)
    expected.backward(grad)

    operand = made.operand(module.weight.detach())
    with torch.no_grad():
        currents = made.forward(frames, operand, module.bias)[:, : g.rows, : g.columns]
    np.testing.assert_allclose(currents, expected.detach(), atol=1e-5)
    sent, gradient = made.backward(frames, grad.contiguous(), operand, inputs=True)
    assert gradient.shape == operand.shape
    back = images.grad.permute(0, 2, 3, 1).flatten(1)
    np.testing.assert_allclose(sent, back, atol=1e-5)
    np.testing.assert_allclose(made.unpacked(gradient), module.weight.grad, atol=1e-4)
    assert made.backward(frames, grad, operand, inputs=False)[0] is None
    assert made.backward(None, grad, operand, inputs=True)[1] is None
