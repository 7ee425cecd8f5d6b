"""What `make check` leaves out: tests that take seconds each, named here once."""

import os
import signal
from pathlib import Path

import pytest

# Under nohup, or behind `&` in a script, Ctrl-C is ignored, by what is started too.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

SLOW = (
    "unit/claims/test_verdicts_page.py",
    "unit/compute/test_jit.py",
    "unit/data/test_download.py::test_bad_place_is_named_and_the_next_mirror_asked",
    "unit/data/test_event_readers.py",
    "unit/data/test_events.py::test_made_recordings_are_the_same_as_tonics",
    "unit/data/test_fuzz.py",
    "unit/data/test_prepare.py::test_same_archives_give_the_same_bytes",
    "unit/data/test_sample.py",
    "unit/figures/test_estimates.py",
    "unit/figures/test_rivals.py",
    "unit/figures/test_saving.py",
    "unit/figures/test_stacks.py",
    "unit/figures/test_sweep.py",
    "unit/files/test_shared.py",
    "unit/meter/test_all_boards.py",
    "unit/meter/test_amd.py",
    "unit/meter/test_cli.py",
    "unit/meter/test_devices.py",
    "unit/meter/test_nvml.py",
    "unit/meter/test_nvml_boards.py",
    "unit/meter/test_others.py",
    "unit/meter/test_process.py",
    "unit/meter/test_visible.py",
    "unit/network/test_conversion.py",
    "unit/network/test_conversion_oracle.py",
    "unit/network/test_lif_function.py",
    "unit/network/test_lif_triton.py",
    "unit/network/test_nir_graph.py",
    "unit/network/test_quantised.py",
    "unit/report/test_grids.py",
    "unit/report/test_page.py",
    "unit/stack/test_average_pooling.py",
    "unit/stack/test_direct_input.py",
    "unit/stack/test_event_kernels.py",
    "unit/stack/test_linear_events.py",
    "unit/stack/test_fast_stack.py",
    "unit/stack/test_library.py",
    "unit/stack/test_neurons.py",
    "unit/stack/test_onnx_int8.py",
    "unit/stack/test_precision_networks.py",
    "unit/stack/test_whole_networks.py",
    "unit/tables/test_rivals.py",
    "unit/tables/test_tables_own.py",
    "unit/tables/test_tables_stacks.py",
    "unit/tracking/test_tracking.py",
    "unit/train/test_anytime.py",
    "unit/train/test_conversion_stage.py",
    "unit/train/test_exported.py",
    "unit/train/test_faults_resume.py",
    "unit/train/test_inference.py",
    "unit/train/test_forecast.py",
    "unit/train/test_loading.py",
    "unit/train/test_loop.py",
    "unit/train/test_neurobench.py",
    "unit/train/test_opened.py",
    "unit/train/test_operations.py",
    "unit/train/test_training.py",
    "unit/train/test_weights_before.py",
    "unit/workflow/test_digest.py::"
    "test_whatever_a_run_of_a_stack_loads_is_in_its_digest",
    "unit/workflow/test_faults_environment.py",
    "unit/workflow/test_scripting.py",
    "unit/workflow/test_rooms.py::test_a_wrong_import_is_caught",
    "workflow/test_recipes.py",
)
FOLDER = Path(__file__).parent


def pytest_ignore_collect(collection_path, config):
    """Not even import what is left out as a whole: torchvision alone takes seconds."""
    if "not slow" in config.option.markexpr and _within(collection_path) in SLOW:
        return True
    return None


def pytest_collection_modifyitems(items):
    """Mark these files, and single tests of others."""
    for item in items:
        file = _within(item.path)
        if {file, f"{file}::{getattr(item, 'originalname', '')}"} & set(SLOW):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def card():
    """The GPU, as a `torch.device`; a test that needs one is skipped elsewhere.

    SPIKEWATT_CARD=cpu has the CPU stand in for it: the rehearsal of `make gpu`.
    """
    import torch

    if name := os.environ.get("SPIKEWATT_CARD"):
        return torch.device(name)
    if not torch.cuda.is_available():
        pytest.skip("torch sees no CUDA device; `make gpu` runs this where one is")
    return torch.device("cuda:0")


def _within(path):
    """A path from the folder of the tests, as in SLOW."""
    return path.relative_to(FOLDER).as_posix() if path.is_relative_to(FOLDER) else ""
