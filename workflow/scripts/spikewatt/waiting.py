"""How torch's threads wait for their next piece of work.

After each operation they spin for some milliseconds. The fast stack's own threads need
the same cores by then: with two cores, a step on N-MNIST takes 15 % longer. So where
these threads are at work torch's are told to sleep. The reference stack keeps torch's
default.
"""

import os


def variables(stack, plan):
    """Environment variables for a process that runs `plan` on `stack`."""
    own_threads = stack == "fast" and plan["neuron"] == "lif"
    return {"OMP_WAIT_POLICY": "passive"} if own_threads else {}


def settle(stack, plan):
    """Set them for this process, unless the user did; torch must not be loaded yet."""
    for name, value in variables(stack, plan).items():
        os.environ.setdefault(name, value)
