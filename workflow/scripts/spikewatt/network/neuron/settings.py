"""What kind of neuron a network has, as data: read from a plan, without torch.

A leaky integrate-and-fire neuron's membrane potential U, from U = 0, with the input
current I, decay rate β and threshold θ (equations (5) and (6) of the paper; snnTorch's
`Leaky`):

    S[t] = 1 where U[t] > θ, else 0                 R[t] = S[t−1]

| reset | potential |
|---|---|
| subtract | U[t] = (β·U[t−1] + I[t]) − R[t]·θ |
| zero | U[t] = β·((1 − R[t])·U[t−1]) + I[t] |
| none | U[t] = β·U[t−1] + I[t] |

So a reset comes one step late. In backward R is held constant (detached), and the
derivative of the step function S is replaced by a surrogate's, with x = U − θ:

| surrogate | derivative | source |
|---|---|---|
| atan, α | α/2 / (1 + (π/2·α·x)²) | Fang et al. 2021; the paper's (12), less its 1/π |
| sigmoid, slope k | k·e^(−kx) / (e^(−kx) + 1)² | Zenke and Ganguli 2018 |
| fast_sigmoid, slope k | 1 / (k·abs(x) + 1)² | Zenke and Ganguli 2018 |
"""

from dataclasses import dataclass

from spikewatt.network.describe import NEURONS, SPIKING

# What each surrogate's one parameter is called, and snnTorch's value of it.
SURROGATES = {
    "atan": ("alpha", 2.0),
    "sigmoid": ("slope", 25.0),
    "fast_sigmoid": ("slope", 25.0),
}
RESETS = ("subtract", "zero", "none")


@dataclass(frozen=True)
class Surrogate:
    """A surrogate gradient: its kind, and its α or slope k (no unit)."""

    kind: str
    steepness: float

    @classmethod
    def of(cls, setting):
        """From a plan's `{"kind": "atan", "alpha": 2.0}`; ValueError where it can't."""
        kind = _one_of(SURROGATES, setting["kind"], "surrogate")
        name, _ = SURROGATES[kind]
        if set(setting) != {"kind", name}:
            raise ValueError(f"surrogate {kind} takes {name!r}, not {dict(setting)}")
        return cls(kind, float(setting[name]))


# Kernels are compiled for a surrogate; a network that is not trained never asks it.
NO_TRAINING = Surrogate("atan", 2.0)


@dataclass(frozen=True)
class Neuron:
    """A network's neuron.

    kind: one of `describe.NEURONS`; "relu" leaves the rest None. Of "lif": beta, the
    decay rate per time step; threshold, in the unit of the potential; surrogate; reset,
    one of `RESETS`. Of "qcfs" (`network.quantised`): levels above 0, an integer; clip,
    what the learned clips start from, in the unit of the activations. "if" is a "lif"
    that a conversion makes (`network.conversion`): without decay, and from a potential
    of `start` on, which is 0 in all others.
    """

    kind: str
    beta: float | None = None
    threshold: float | None = None
    surrogate: Surrogate | None = None
    reset: str | None = None
    levels: int | None = None
    clip: float | None = None
    start: float = 0.0

    @classmethod
    def of(cls, setting):
        """From `plan["neuron"]`. Raises ValueError for what is none of the kinds."""
        kind = _one_of(NEURONS, setting["kind"], "neuron")
        if kind == "relu":
            return cls(kind)
        if kind == "qcfs":
            levels, clip = int(setting["levels"]), float(setting["clip"])
            return cls(kind, levels=levels, clip=clip)
        if kind == "if":
            return cls(kind, 1.0, 1.0, NO_TRAINING, "subtract", start=0.5)
        return cls(
            kind,
            float(setting["beta"]),
            float(setting["threshold"]),
            Surrogate.of(setting["surrogate"]),
            _one_of(RESETS, setting["reset"], "reset"),
        )

    @property
    def spikes(self):
        """Whether a network of it takes time steps and gives spikes."""
        return self.kind in SPIKING


def _one_of(allowed, word, what):
    if word not in allowed:
        raise ValueError(f"{what} {word!r}: allowed are {', '.join(allowed)}")
    return word
