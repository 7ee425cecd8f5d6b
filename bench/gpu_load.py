"""Work that keeps a card busy while it is measured, and the card as torch knows it."""

import contextlib
import threading
import time

import torch

SIZE = {"cuda": 4096, "cpu": 64}


def device():
    """The card; the CPU stands in for it in a rehearsal, where torch sees none."""
    return torch.device("cuda:0" if torch.cuda.is_available() else "cpu")


def synchronise():
    """Wait for the card."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def work():
    """A function that multiplies two matrices and waits for the product."""
    where = device()
    size = SIZE[where.type]
    a, b = (torch.randn(size, size, device=where) for _ in range(2))

    def once():
        torch.mm(a, b)
        synchronise()

    return once


def busy(once, seconds, period=None):
    """Work for so long; with a period in s, only in the first half of each."""
    begin = time.monotonic()
    while (now := time.monotonic() - begin) < seconds:
        if period is None or now % period < period / 2:
            once()
        else:
            time.sleep(min(seconds - now, period - now % period))


@contextlib.contextmanager
def beside():
    """The card is kept busy by a thread while the block runs."""
    once, over = work(), threading.Event()

    def go_on():
        while not over.is_set():
            once()

    thread = threading.Thread(target=go_on, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
