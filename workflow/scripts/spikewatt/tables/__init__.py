"""The tables: I and II as in the paper, and what the paper leaves to the reader."""

from spikewatt.results.mismatches import (
    SettingsMismatch,
    refuse_mismatches,
    setting_mismatches,
)
from spikewatt.tables.comparisons import paired, ratios
from spikewatt.tables.published import table
from spikewatt.tables.stacks import stacks

__all__ = [
    "SettingsMismatch",
    "setting_mismatches",
    "paired",
    "ratios",
    "refuse_mismatches",
    "stacks",
    "table",
]
