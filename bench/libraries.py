"""The fast stack against SpikingJelly, norse and snnTorch on the same shapes.

    python bench/libraries.py --datasets resources/official/datasets --out results/bench

Each library brings its own neuron with its own settings (no other library has this
one), built into the networks of the config: a layer's weights take all time steps at
once and the library's multi-step form follows, or its step in a loop where it has
none; snnTorch's also with its step compiled by torch.compile. Spike trains are made
beforehand and are not timed; loss and Adam are the same for all. Rows «neuron» take the
neurons of the network's first layer alone, forward and backward, without weights.
Writes libraries.csv: seconds, and ours against each as a ratio in turns (above 1: we
are faster). A library that is not there gets a row that says so. No pass or fail.
"""

import argparse
import statistics
import sys
from pathlib import Path

import pandas as pd
import torch
from paired import (
    add_options,
    built,
    clocked,
    device,
    plan_of,
    ratio,
    say,
    turns,
    write_csv,
)

from spikewatt.network.neuron.function import lif
from spikewatt.network.neuron.settings import Neuron
from spikewatt.network.weights import current
from spikewatt.stack.fast import spike_events

# Batches small enough for libraries that keep every step's frames and potentials.
CASES = {"exp1/snn": 128, "exp2/snn": 32, "exp3/snn_mnist": 16, "exp3/snn_nmnist": 8}
OURS = "spikewatt"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser, CASES)
    parser.add_argument("--packages", help="folder with SpikingJelly and norse")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4, help="per comparison")
    parser.add_argument(
        *("--libraries",),
        **{"nargs": "+", "choices": LIBRARIES, "default": list(LIBRARIES)},
        **{"metavar": "LIBRARY"},
        help=f"some of {', '.join(map(repr, LIBRARIES))} (default: all)",
    )
    args = parser.parse_args()
    sys.path += [args.packages] if args.packages else []
    table = pd.DataFrame([
        row for name in args.networks or CASES for row in compared(args, name)
    ])  # fmt: skip
    write_csv(Path(args.out) / "libraries.csv", table)


def compared(args, name):
    """The rows of one network: neurons alone, then a training step."""
    plan = plan_of(args, name, batch_size=CASES[name])
    setup = built(args, plan, "fast")
    reference = built(args, plan, "reference").stack
    count = min(plan["batch_size"], len(setup.data.split("train")))
    batches = reference.batches("train", range(count), False)
    spikes, targets = next(iter(batches))
    for what, make in (("neuron", neuron_step), ("training step", training_step)):
        for library in args.libraries:
            row = {"network": name, "what": what, "batch": count}
            row |= {"device": device(args), "library": library}
            try:
                neuron = LIBRARIES[library](plan, setup.device)
            except ImportError as error:
                row["note"] = f"not installed: {error}"
            except NotCompiled as error:
                row["note"] = f"not compiled: {error}"
            else:
                ways = make(setup, neuron, spikes, targets)
                timed = turns(ways, args.repeats, args.seconds)
                row |= {f"{way}_s": statistics.median(t) for way, t in timed.items()}
                row |= ratio(timed["library"], timed[OURS])
            say(row)
            yield row


def neuron_step(setup, neuron, spikes, targets):
    """Forward and backward of the first layer's neurons, on random currents."""
    size = (*spikes.shape[:2], *setup.network.layers[0].out_shape)
    generator = torch.Generator().manual_seed(0)
    currents = torch.randn(size, generator=generator).to(spikes.device)
    plan = setup.plan

    def run(function):
        def step():
            values = currents.clone().requires_grad_()
            function(values).sum().backward()

        return clocked(step, spikes.device.type)

    ours = run(lambda values: lif(values, Neuron.of(plan["neuron"]))[0])
    return {"library": run(neuron), OURS: ours}


def training_step(setup, neuron, spikes, targets):
    """Forward, loss, backward and Adam of the whole network."""

    def theirs(values):
        for layer, weights in zip(
            setup.network.layers, setup.network.weights, strict=True
        ):
            received = current(layer, weights, values.flatten(0, 1))
            values = neuron(received.view(*spikes.shape[:2], *layer.out_shape))
        return values

    parameters = setup.network.parameters()
    optimiser = torch.optim.Adam(parameters, setup.plan["learning_rate"])

    # what the feed gives this stack: on the CPU a list of events
    own = spike_events.from_frames(spikes) if setup.stack.runner else spikes

    def run(function, trains):
        def step():
            optimiser.zero_grad()
            setup.objective.loss(function(trains), targets).backward()
            optimiser.step()

        return clocked(step, spikes.device.type)

    setup.network.eval()  # without dropout, which has no part in the comparison
    return {"library": run(theirs, spikes), OURS: run(setup.stack, own)}


def spikingjelly(plan, device_):
    """SpikingJelly's multi-step LIF: decay 1 − 1/τ, soft reset, arctan surrogate."""
    from spikingjelly.activation_based import functional, neuron, surrogate

    node = neuron.LIFNode(
        tau=1 / (1 - plan["neuron"]["beta"]),
        decay_input=False,
        v_threshold=plan["neuron"]["threshold"],
        v_reset=None,
        surrogate_function=surrogate.ATan(),
        detach_reset=True,
        step_mode="m",
    ).to(device_)

    def steps(currents):
        functional.reset_net(node)
        return node(currents)

    return steps


def norse(plan, device_):
    """norse's LIF without synaptic current, in its loop over time."""
    from norse.torch import LIFBoxCell, LIFBoxParameters

    parameters = LIFBoxParameters(
        tau_mem_inv=torch.tensor(1000 * (1 - plan["neuron"]["beta"]), device=device_),
        v_th=torch.tensor(plan["neuron"]["threshold"], device=device_),
    )
    cell = LIFBoxCell(parameters, dt=0.001)
    return looped(cell)


def leaky(plan, device_):
    """snnTorch's Leaky, the reference stack's neuron, for one time step."""
    from snntorch import Leaky

    neuron = plan["neuron"]
    return Leaky(neuron["beta"], threshold=neuron["threshold"]).to(device_)


def snntorch(plan, device_):
    """snnTorch's neuron in its loop over time."""
    cell = leaky(plan, device_)
    return looped(cell, cell.reset_mem)


def compiled(plan, device_):
    """The same, its step compiled by torch; compiling is not timed."""
    from torch._dynamo.exc import TorchDynamoException

    cell = leaky(plan, device_)
    step = torch.compile(cell)
    try:  # a machine without a compiler says so here
        step(torch.zeros(1, 1, device=device_), cell.reset_mem())
    except TorchDynamoException as error:
        raise NotCompiled(str(error).partition("\n")[0]) from error
    return looped(step, cell.reset_mem)


class NotCompiled(Exception):
    """torch.compile does not work here."""


def looped(cell, start=lambda: None):
    """A neuron for one time step as one for all steps."""

    def steps(currents):
        state, spikes = start(), []
        for now in currents:
            fired, state = cell(now, state)
            spikes.append(fired)
        return torch.stack(spikes)

    return steps


LIBRARIES = {
    "SpikingJelly": spikingjelly,
    "norse": norse,
    "snnTorch": snntorch,
    "snnTorch, compiled": compiled,
}


if __name__ == "__main__":
    main()
