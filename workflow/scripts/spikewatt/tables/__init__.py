"""The tables: I and II as in the paper, and what the paper leaves to the reader."""

from spikewatt.results.mismatches import (
    ConfigConflict,
    config_conflicts,
    refuse_conflicts,
)
from spikewatt.tables.comparisons import paired, ratios
from spikewatt.tables.published import table
from spikewatt.tables.stacks import stacks

__all__ = [
    "ConfigConflict",
    "config_conflicts",
    "paired",
    "ratios",
    "refuse_conflicts",
    "stacks",
    "table",
]
