"""What the process of a run is told before torch is loaded.

The fast stack asks for two things of it; the reference stack keeps the defaults, as it
is to be what its users have.

Threads that sleep, of spiking networks: after each operation torch's threads spin for
some milliseconds. The fast stack's own need the same cores by then: with two cores, a
step on N-MNIST takes 15 % longer.

Memory that stays: glibc gives large arrays back to the system, which hands out zeroed
pages for the next batch's. That is 3 to 8 % of a step of the spiking networks of
experiments 2 and 3, 10 % of the CNN's in float32 and 20 % in bfloat16.
"""

import ctypes
import os

# glibc's mallopt: arrays below this come from the heap, and so much of it is kept.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
LARGEST_ARRAY, KEPT = 2**30, 2**31 - 1
# With one of these a user has chosen already.
# Neurons that spike; the list of `network.describe`, which stands above this room.
SPIKING = ("lif", "if")
USERS = ("GLIBC_TUNABLES", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_")


def configure(stack, plan):
    """Tell this process, unless the user did; torch must not be loaded yet."""
    for name, value in variables(stack, plan).items():
        os.environ.setdefault(name, value)
    keep_memory(stack)


def variables(stack, plan):
    """The environment variables among it, for a process that is yet to start."""
    return {"OMP_WAIT_POLICY": "passive"} if _own_kernels(stack, plan) else {}


def keep_memory(stack):
    """The part that is no environment variable; nothing where malloc is not glibc's."""
    set_by_user = any(name in os.environ for name in USERS)
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if stack == "fast" and mallopt and not set_by_user:
        mallopt(M_MMAP_THRESHOLD, LARGEST_ARRAY)
        mallopt(M_TRIM_THRESHOLD, KEPT)


def _own_kernels(stack, plan):
    return stack == "fast" and plan["neuron"]["kind"] in SPIKING
