"""What can be wrong with recording elsewhere before a run begins."""

import importlib


class TrackingError(RuntimeError):
    """Recording elsewhere was asked for and cannot work."""


def library(module, package):
    """Import `module` of `package`. Raises TrackingError, saying how to install it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise TrackingError(
            f"tracking: {package} in the config needs the Python package {package}, "
            f"which cannot be imported ({error}). Install it with «pip install "
            f"{package}», or set tracking: none"
        ) from None
