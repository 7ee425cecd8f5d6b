"""How batches are fed and time steps are run: two stacks, one interface.

A stack is built from a run's plan, its data, a `network.weights.Network` and the random
streams. It offers

- `batches(split, indices, shuffle)`: an iterable, with a length, of (input, target);
  the input is whatever the stack's own call takes, on the device; under `padding:
  masked` it is a `padding.Padded`. Its `waited_s` says for how many seconds the last
  pass waited for samples, before they were moved to the device or encoded;
- `rehearsal(split, indices)`: the same in order, for a warm-up: it reads what is
  prepared and touches no cache that the samples of `batches` may come from;
- `singles(split, indices)`: for each sample, one after the other, a function that gives
  it as a batch of one, (input, target), as often as it is called: it lies in memory as
  the stack keeps it, and is moved to the device and encoded anew each time;
- `stack(input)`: output spikes T×B×classes of a spiking network, or logits B×classes;
- `halve()`: work on half as many time steps at once; whether that is possible;
- `observer`: None, or a function called with (number of layer, spikes) for every
  spiking layer, once or step by step;
- `counter`: None, or a function called with (number of layer, how many spikes) for
  every spiking layer, once a batch or chunk of time; the count may be a scalar on the
  device, so that nothing waits for it;
- `pace`: None, or a function called with (number of layer, spikes in each time step, a
  tensor), for every spiking layer, once a batch or chunk of time, in order;
- `tally`: None, or a `tally.Tally` that is told how often each place of the input and
  each neuron was active.
"""

# Each stack is imported where it is asked for: one's code is no part of the other's.
STACKS = ("reference", "fast")


def build(name, *arguments):
    """The stack called `name`, built with `arguments` (see `reference.Reference`)."""
    if name == "reference":
        from spikewatt.stack.reference import Reference

        return Reference(*arguments)
    if name == "fast":
        from spikewatt.stack.fast.stack import Fast

        return Fast(*arguments)
    raise ValueError(f"stack {name!r}: allowed are {', '.join(STACKS)}")
