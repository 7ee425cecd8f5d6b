"""One seeded random generator for each purpose.

A run draws from five streams that do not touch each other: a change in one (another
batch size, say, that shuffles differently) leaves the others as they were, and two
networks of one seed share split, initial weights and shuffling.
"""

import hashlib
from dataclasses import dataclass

import torch

PURPOSES = ("split", "init", "shuffle", "dropout", "encoding")


@dataclass
class Streams:
    """The generators of a run, each seeded from (seed, purpose).

    `split`, `init` and `shuffle` live on the CPU, `dropout` and `encoding` on the
    device that computes.
    """

    split: torch.Generator
    init: torch.Generator
    shuffle: torch.Generator
    dropout: torch.Generator
    encoding: torch.Generator

    def state(self):
        """The state of every stream, name → uint8 tensor."""
        return {name: stream.get_state() for name, stream in vars(self).items()}

    def restore(self, state):
        """Set every stream to a `state()` taken before."""
        for name, stream in vars(self).items():
            stream.set_state(state[name])


def streams(seed, device="cpu", stage="train"):
    """The generators for `seed`; the test stage draws its own encoding."""
    where = {"dropout": device, "encoding": device}
    return Streams(
        **{
            purpose: torch.Generator(device=where.get(purpose, "cpu")).manual_seed(
                derived(seed, named(purpose, stage))
            )
            for purpose in PURPOSES
        }
    )


def named(purpose, stage):
    """What a stage's stream is derived by: «init», «test/encoding»."""
    return purpose if stage == "train" else f"{stage}/{purpose}"


def derived(seed, purpose):
    """A 63-bit seed from `seed` and a purpose, the same on every machine."""
    digest = hashlib.sha256(f"{seed}/{purpose}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
