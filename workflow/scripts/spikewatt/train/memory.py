"""When a GPU's memory runs out: smaller chunks of time first, then advice."""

import logging

import torch

log = logging.getLogger("spikewatt")


class OutOfMemory(RuntimeError):
    """A batch does not fit the GPU's memory; the message says what to try."""


def within_memory(stack, work):
    """What `work()` returns; it runs `stack` on one batch, forward and backward.

    Where memory runs out, the stack halves its chunk of time if it has any and `work`
    runs again, with dropout drawn as before, so that results are equal. Raises
    OutOfMemory where nothing can be halved any more.
    """
    dropout = stack.streams.dropout
    before = dropout.get_state()
    while True:
        try:
            return work()
        except torch.cuda.OutOfMemoryError as error:
            told = str(error).partition(". ")[0]
        # Out of the handler, so that no traceback holds the tensors any more.
        if not stack.halve():
            raise OutOfMemory(advice(stack.plan["batch_size"], told))
        log.warning("the GPU's memory is full: half as many time steps at once")
        torch.cuda.empty_cache()
        dropout.set_state(before)


def advice(batch_size, told):
    """What to do when a batch of `batch_size` samples does not fit."""
    if batch_size == 1:
        return f"not even one sample fits the GPU's memory ({told}); use device: cpu"
    return (
        f"a batch of {batch_size} samples does not fit the GPU's memory ({told}). "
        f"Half of it needs about half: try training: {{batch_size: {batch_size // 2}}} "
        "in the config, or stacks: [fast], which cuts time into chunks"
    )
