"""Rounded products: the rounding itself, and where the config's `precision` goes."""

import copy
from pathlib import Path

import numpy as np
import pytest
import torch

import made_plans
from rounding import by_arithmetic
from spikewatt.claims import protocol_notes
from spikewatt.results import runs
from spikewatt.results.mismatches import setting_mismatches
from spikewatt.stack import precision
from spikewatt.train import assembly, machine
from spikewatt.train.checkpoint import Checkpoints
from spikewatt.workflow.config import ConfigError, checked
from spikewatt.workflow.plan import run_plan

PROJECT = Path(__file__).parents[3]
CPU, GPU = torch.device("cpu"), torch.device("cuda")
ROUNDING = ["tf32", "bfloat16"]


def awkward():
    """Every exponent, ties of both kinds, their neighbours, the ends, not-a-numbers."""
    draws = np.random.default_rng(0).integers(0, 2**32, 200_000, dtype=np.uint32)
    ends = np.arange(0, 2**32, 2**12, dtype=np.uint64).astype(np.uint32)
    words = np.concatenate([draws, ends, ends + np.uint32(1), ends - np.uint32(1)])
    return torch.from_numpy(words.view(np.float32).copy())


def same(got, expected):
    """Equal bit for bit (signed zeros apart), or both NaN."""
    there = ~expected.isnan()
    words = (got[there].view(torch.int32), expected[there].view(torch.int32))
    return torch.equal(got.isnan(), ~there) and torch.equal(*words)


def test_seven_bits_are_bfloat16():
    values = awkward()
    assert values.isnan().any() and values.isinf().any() and (values == 0).any()
    assert same(precision.rounded(values, 7), values.bfloat16().float())


@pytest.mark.parametrize("bits", [10, 7, 1])
def test_any_bits_are_round_half_even(bits):
    values = awkward()
    expected = torch.from_numpy(by_arithmetic(values.numpy(), bits))
    assert same(precision.rounded(values, bits), expected)


def test_ties_by_hand():
    unit = 2.0**-10
    values = [1 + unit / 2, 1 + 3 * unit / 2, -1 - unit / 2, 1 + unit / 2 + 2**-23]
    expected = [1, 1 + 2 * unit, -1, 1 + unit]
    assert precision.rounded(torch.tensor(values), 10).tolist() == expected


def test_spikes_and_counts_are_exact_and_strides_are_kept():
    counts = torch.arange(257.0)
    values = torch.randn(4, 6).T[::2]
    for bits in (10, 7):
        assert torch.equal(precision.rounded(counts, bits), counts)
        copy = precision.rounded(values.contiguous(), bits)
        assert torch.equal(precision.rounded(values, bits), copy)
    with pytest.raises(TypeError, match="float64"):
        precision.rounded(counts.double(), 7)


@pytest.fixture
def switches():
    """Puts torch's switches back."""
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    before = matmul.allow_tf32, cudnn.allow_tf32
    reduced = matmul.allow_bf16_reduced_precision_reduction
    yield lambda: (matmul.allow_tf32, cudnn.allow_tf32)
    matmul.allow_tf32, cudnn.allow_tf32 = before
    matmul.allow_bf16_reduced_precision_reduction = reduced


def test_a_gpu_is_told_what_its_products_may_round(switches):
    defaults = switches()
    expected = {
        "float32": (False, False),
        "tf32": (True, True),
        "bfloat16": (False, False),
        None: (False, True),  # the reference stack: torch's own
    }
    assert defaults == expected[None]
    for name, flags in expected.items():
        precision.allow(name, GPU)
        assert switches() == flags
        precision.allow("tf32", CPU)
        assert switches() == flags


@pytest.mark.parametrize("name", precision.BITS)
def test_an_old_gpu_is_refused_before_the_data_is_opened(name, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (7, 5))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Tesla T4")
    plan = made_plans.plan("exp1", "ann", precision=name)
    cuda = machine.Conditions("cuda", 1)
    if name == "float32":
        assert machine.prepare(plan, cuda).type == "cuda"
        return
    with pytest.raises(ValueError, match=f"precision: {name}.*8.0.*Tesla T4 has 7.5"):
        assembly.build(plan, "no such file", "fast", 0, "train", cuda)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (8, 0))
    assert machine.prepare(plan, cuda).type == "cuda"
    assert machine.prepare(plan, machine.Conditions("cpu", 1)).type == "cpu"


def test_an_unknown_precision_is_refused():
    config = copy.deepcopy(made_plans.CONFIG) | {"precision": "float16"}
    with pytest.raises(ConfigError, match="precision: 'float16' is not allowed.*tf32"):
        checked(config, PROJECT)
    with pytest.raises(ValueError, match="'half'.*float32, tf32, bfloat16"):
        precision.check("half", CPU)


def test_it_reaches_runs_of_the_fast_stack_alone(tmp_path):
    plans = {
        (stack_name, name): run_plan(
            made_plans.CONFIG | {"precision": name}, "exp1", "snn", stack_name
        )
        for stack_name in ("reference", "fast")
        for name in precision.BITS
    }
    assert all(plans["reference", n] == plans["reference", "tf32"] for n in ROUNDING)
    digests = {
        Checkpoints(tmp_path, {"plan": plans["fast", name]}).digest
        for name in precision.BITS
    }
    assert len(digests) == 3


def run_of(stack_name, name):
    info = {"config": {"precision": name, "beta": 0.8}}
    return runs.Run("exp1", "snn", stack_name, 0, "SNN", Path("x"), info=info)


def test_runs_of_two_stacks_belong_together_and_of_two_precisions_do_not():
    both = [run_of("reference", None), run_of("fast", "tf32")]
    for first, second in (both, both[::-1]):
        assert setting_mismatches([first, second]) == []
    plans = {"exp1/snn": {"precision": "bfloat16", "beta": 0.8}}
    assert setting_mismatches(both, plans) == [
        "exp1/snn/fast/seed0: precision is 'tf32' instead of 'bfloat16'"
    ]
    old = run_of("reference", None)
    del old.info["config"]["precision"]
    assert setting_mismatches([old], plans) == []


def test_less_than_float32_is_said_beside_the_verdicts():
    for name in (None, "float32"):
        assert protocol_notes([run_of("fast", name)], {}, "official") == []
    (note,) = protocol_notes([run_of("fast", "tf32")], {}, "official")
    assert note.text == (
        "exp1/snn/fast: precision tf32 instead of float32 (chosen here)."
    )
