"""What `make check` leaves out: tests that take seconds each, named here once."""

from pathlib import Path

import pytest

SLOW = (
    "unit/compute/test_jit.py",
    "unit/data/test_events.py::test_made_recordings_are_the_same_as_tonics",
    "unit/data/test_fuzz.py",
    "unit/data/test_sample.py",
    "unit/figures/test_saving.py",
    "unit/meter/test_nvml.py",
    "unit/meter/test_process.py",
    "unit/network/test_lif_function.py",
    "unit/network/test_lif_triton.py",
    "unit/stack/test_fast_rows.py",
    "unit/stack/test_fast_stack.py",
    "unit/stack/test_library.py",
    "unit/stack/test_neurons.py",
    "unit/stack/test_precision_networks.py",
    "unit/tracking/test_tracking.py",
    "unit/train/test_faults_resume.py",
    "unit/train/test_loading.py",
    "unit/train/test_opened.py",
    "unit/train/test_neurobench.py",
    "unit/train/test_operations.py",
    "unit/train/test_training.py",
    "unit/train/test_weights_before.py",
    "unit/workflow/test_digest.py::"
    "test_whatever_a_run_of_a_stack_loads_is_in_its_digest",
    "unit/workflow/test_faults_environment.py",
    "workflow/test_recipes.py",
)
FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items):
    """Mark these files, and single tests of others."""
    for item in items:
        file = item.path.relative_to(FOLDER).as_posix()
        if {file, f"{file}::{getattr(item, 'originalname', '')}"} & set(SLOW):
            item.add_marker(pytest.mark.slow)
