"""Rounding in numpy, to test the stack's against, and which way rounds."""

import numpy as np

from spikewatt.stack.fast import native, ways


def in_software(monkeypatch):
    """bfloat16 as where the processor has no instructions for it."""
    monkeypatch.setattr(native, "instructions", list)


def by_instructions(monkeypatch):
    """bfloat16 as where the processor has them, and they are quick."""
    monkeypatch.setattr(native, "instructions", lambda: ["avx512_bf16"])
    monkeypatch.setattr(ways, "shortest", lambda run: run() or 1e-3)


def by_arithmetic(values, bits):
    """Rounding from its definition: numpy's round-half-even in double precision."""
    with np.errstate(over="ignore", invalid="ignore"):
        values = np.asarray(values, np.float64)
        exponent = np.maximum(np.frexp(values)[1] - 1, -126)  # subnormals: fixed steps
        last = np.ldexp(1.0, exponent - bits)
        rounded = np.where(np.isfinite(values), np.rint(values / last) * last, values)
        return rounded.astype(np.float32)
