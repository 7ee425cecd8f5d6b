"""Libraries that only tests ask, in a folder of their own: see envs/oracles.txt."""

import importlib
import os
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / ".venv" / "oracles"


def oracle(name):
    """The module, from SPIKEWATT_ORACLES or .venv/oracles; skips where it is not."""
    folder = os.environ.get("SPIKEWATT_ORACLES", str(FOLDER))
    if folder not in sys.path:
        sys.path.append(folder)  # behind the environment's own
    try:
        return importlib.import_module(name)
    except ImportError as error:
        pytest.skip(
            f"{error}: put envs/oracles.txt into {folder} (make oracles)",
            allow_module_level=True,
        )
