"""numba with its cache where one can be written, and without it elsewhere."""

import functools

import numba


def compiled(function=None, **options):
    """Compile for native speed, releasing the interpreter lock.

    numba keeps compiled code beside the source or in the home folder; where neither
    can be written it refuses to cache, and compiling anew each time is the way left.
    options: further ones of `numba.njit`.
    """
    if function is None:
        return functools.partial(compiled, **options)
    try:
        return numba.njit(cache=True, nogil=True, **options)(function)
    except RuntimeError:
        return numba.njit(nogil=True, **options)(function)
