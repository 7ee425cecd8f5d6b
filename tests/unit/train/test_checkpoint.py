"""Checkpoints: what is saved comes back, what is damaged or foreign is set aside."""

import pytest
import torch

from spikewatt.train.checkpoint import (
    KEPT,
    Checkpoints,
    optimiser_tensors,
    restore_optimiser,
)


@pytest.fixture
def kept(tmp_path):
    checkpoints = Checkpoints(tmp_path / "kept", {"plan": 1})
    for epoch in (1, 2, 3):
        checkpoints.save(epoch, {"w": torch.full((2,), epoch)}, {"rows": [epoch]})
    return checkpoints


def test_the_newest_comes_back_and_two_are_kept(kept):
    tensors, facts = kept.load()
    assert tensors["w"].tolist() == [3, 3]
    assert facts == {"epoch": 3, "rows": [3]}
    assert len(list(kept.folder.iterdir())) == KEPT == 2


@pytest.mark.parametrize("damage", [b"", b"no checkpoint", None])
def test_a_damaged_one_is_set_aside_and_the_older_used(kept, damage):
    newest = kept.folder / "epoch_0003.safetensors"
    whole = newest.read_bytes()
    newest.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    _, facts = kept.load()
    assert facts["epoch"] == 2
    assert (kept.folder / "epoch_0003.unused").exists()


def test_one_of_another_config_is_not_used(kept):
    other = Checkpoints(kept.folder, {"plan": 2})
    assert other.load() is None
    assert len(list(kept.folder.glob("*.unused"))) == 2


def test_what_lies_beside_foreign_checkpoints_is_not_used_either(kept):
    """Telemetry, and what a killed meter left of it."""
    (kept.folder / "telemetry_0000.csv").touch()
    (kept.folder / ".telemetry_0001.csv.0-x.tmp").mkdir()
    (kept.folder / ".telemetry_0001.csv.0-x.tmp" / "telemetry_0001.csv").touch()
    other = Checkpoints(kept.folder, {"plan": 2})
    assert other.load() is None
    other.clear()
    assert sorted(path.name for path in kept.folder.iterdir()) == [
        "epoch_0002.unused",
        "epoch_0003.unused",
    ]


def test_removed_when_the_run_is_complete(kept):
    kept.remove()
    assert not kept.folder.exists() and kept.load() is None


def test_an_optimiser_goes_on_as_if_never_stopped():
    def steps(weights, optimiser, count):
        for number in range(count):
            optimiser.zero_grad()
            ((weights - number) ** 2).sum().backward()
            optimiser.step()

    weights = torch.zeros(3, requires_grad=True)
    optimiser = torch.optim.Adam([weights], lr=0.1)
    steps(weights, optimiser, 4)
    again = weights.detach().clone().requires_grad_()
    other = torch.optim.Adam([again], lr=0.1)
    restore_optimiser(other, optimiser_tensors(optimiser))
    steps(weights, optimiser, 3)
    steps(again, other, 3)
    assert torch.equal(weights, again)
