"""Scripts that lie in no package, as modules."""

import importlib.util


def module_at(path):
    """The module of a Python file, by its path."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
