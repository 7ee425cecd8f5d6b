"""One complete tiny run, shared by all workflow tests."""

import filelock
import pytest

from project import Project

# Modules with something that takes long to make, once for all of their tests: made by
# one worker alone, as which --dist loadgroup takes them.
ONE_WORKER = (
    "allow_missing",
    "browser",
    "opened",
    "rivals",
    "slurm",
    "terminal_output",
)


def pytest_collection_modifyitems(items):
    for item in items:
        name = item.path.stem.removeprefix("test_")
        if name in ONE_WORKER:
            item.add_marker(pytest.mark.xdist_group(name))


@pytest.fixture(scope="session")
def complete(tmp_path_factory, worker_id):
    """A project in which the whole DAG has run; tests must not change it."""
    if worker_id == "master":
        return _run(tmp_path_factory.mktemp("complete") / "project")
    shared = tmp_path_factory.getbasetemp().parent
    with filelock.FileLock(shared / "complete.lock"):
        folder = shared / "complete"
        if not (folder / "done").exists():
            _run(folder)
            (folder / "done").touch()
        return Project(folder)


def _run(folder):
    project = Project.copy(folder)
    project.snakemake()
    return project


@pytest.fixture
def project(complete, tmp_path):
    """A copy of the complete project that a test may change."""
    return complete.clone(tmp_path / "project")
