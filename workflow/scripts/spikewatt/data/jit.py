"""numba with its cache where one can be written, and without it elsewhere."""

import numba


def compiled(function):
    """Compile for native speed, releasing the interpreter lock.

    numba keeps compiled code beside the source or in the home folder; where neither
    can be written it refuses to cache, and compiling anew each time is the way left.
    """
    try:
        return numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:
        return numba.njit(nogil=True)(function)
