"""Threads for compiled kernels that release the GIL.

Plain Python threads rather than numba's own: torch keeps a thread pool already, and a
second one that spins while it waits would take the cores from it.
"""

import functools
from concurrent.futures import ThreadPoolExecutor

import torch


def parts(count):
    """Cut range(count) into one (low, high) per torch thread, none empty."""
    threads = max(1, min(torch.get_num_threads(), count))
    edges = [count * number // threads for number in range(threads + 1)]
    return list(zip(edges[:-1], edges[1:], strict=True))


def over(count, work):
    """Run `work(part number, low, high)` on parts of range(count); results in order.

    The parts depend on the number of threads alone, so that sums over them are the
    same in every run.
    """
    pieces = parts(count)
    if len(pieces) == 1:
        return [work(0, *pieces[0])]
    others = [_pool().submit(work, n, *pieces[n]) for n in range(1, len(pieces))]
    return [work(0, *pieces[0])] + [other.result() for other in others]


@functools.cache
def _pool():
    return ThreadPoolExecutor(thread_name_prefix="spikewatt")
