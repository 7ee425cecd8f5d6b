"""Processes of their own for libraries that damaged files make crash.

HDF5's and AEDAT's decoders are compiled code that ends the whole process over some
crafted files. There it ends a small one, within bounds of memory and time.
"""

import os
import resource
from pathlib import Path

LIBRARY = Path(__file__).parents[2]
MEMORY = 4 * 2**30  # of addresses: the libraries, and one recording
SECONDS = 6 * 3600  # of computing


def environment():
    """The variables of such a process, which finds this library and computes alone."""
    alone = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return os.environ | alone | {"PYTHONPATH": str(LIBRARY)}


def limit():
    """Bound this process: memory, time, and no core dumps."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
