"""The machine's own ways: numba's cache, threads for kernels, settings of a process."""
