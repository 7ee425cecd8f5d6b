"""numba with its cache where one can be written, and without it elsewhere."""

import functools
from pathlib import Path

import numba

# Whose compiled functions call each other.
ROOT = Path(__file__).parents[1]
KERNELS = [ROOT / name for name in ("compute", "network/neuron", "stack", "stack/fast")]


def compiled(function=None, **options):
    """Compile for native speed, releasing the interpreter lock.

    numba keeps compiled code beside the source or in the home folder; where neither
    can be written it refuses to cache, and compiling anew each time is the way left.
    options: further ones of `numba.njit`.
    """
    if function is None:
        return functools.partial(compiled, **options)
    try:
        return _up_to_date(numba.njit(cache=True, nogil=True, **options)(function))
    except RuntimeError:
        return numba.njit(nogil=True, **options)(function)


def _up_to_date(function):
    """`function`, which is compiled anew where numba would take what is out of date.

    numba looks at the function's own file alone, not at those of the functions that it
    calls, and fails on the types of arguments that are gone since.
    """
    index = function._cache._cache_file
    own = Path(function.py_func.__code__.co_filename).parent
    index._source_stamp = (index._source_stamp, stamp(own), *map(stamp, KERNELS))
    load = index._load_index

    def loaded():
        try:
            return load()
        except (AttributeError, ImportError):
            return {}

    index._load_index = loaded
    return function


@functools.cache
def stamp(folder):
    """(name, time of change, size) of the Python files of a folder."""
    files = sorted(folder.glob("*.py"))
    return tuple((f.name, f.stat().st_mtime, f.stat().st_size) for f in files)
