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
        return _forgetting(numba.njit(cache=True, nogil=True, **options)(function))
    except RuntimeError:
        return numba.njit(nogil=True, **options)(function)


def _forgetting(function):
    """`function`, which compiles anew where another version's cache cannot be read.

    numba looks whether its source has changed only after it has loaded the types of the
    arguments that code was once compiled for, and fails on one that is gone since.
    """
    index = function._cache._cache_file
    load = index._load_index

    def loaded():
        try:
            return load()
        except (AttributeError, ImportError):
            return {}

    index._load_index = loaded
    return function
