"""`make wheels` and `make setup` from them, with two small packages and no network."""

import importlib.metadata
import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from project import ROOT, Project

pytestmark = [
    pytest.mark.workflow,
    pytest.mark.skipif(shutil.which("make") is None, reason="make is missing"),
]
# What step 3 of the set-up needs, and one for show.
NAMES = ("setuptools", "tabulate")


def wheel(name, folder):
    """The installed package, packed as a wheel again; returns «name==version»."""
    found = importlib.metadata.distribution(name)
    path = folder / f"{name}-{found.version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as packed:
        for file in found.files:
            made = "__pycache__" in file.parts or file.name in (
                "INSTALLER",
                "REQUESTED",
            )
            if not made and ".." not in file.parts:
                packed.write(file.locate(), str(file))
    return f"{name}=={found.version}"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project whose lock asks for two packages; a folder has these."""
    folder = tmp_path_factory.mktemp("wheels")
    project = Project.copy(folder / "project").folder
    for part in ("Makefile", "pyproject.toml"):
        shutil.copy2(ROOT / part, project / part)
    (folder / "index").mkdir()
    pins = [wheel(name, folder / "index") for name in NAMES]
    (project / "envs" / "requirements.lock").write_text("\n".join(pins) + "\n")
    return project


def make(project, *arguments):
    """Run make as on a fresh machine, whose pip reaches nothing."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "PYTHON"))}
    kept |= {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    # an address that answers nothing: whoever asks it fails at once
    kept |= {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0"}
    return subprocess.run(
        ["make", f"PYTHON={sys.executable}", *arguments],
        cwd=project,
        env=kept,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )


def test_a_folder_has_to_be_named(project):
    done = make(project, "wheels")
    assert done.returncode and "make wheels WHEELS=FOLDER" in done.stdout


def test_wheels_are_gathered_and_installed_from(project):
    house, index = project / "house", project.parent / "index"
    options = f"PIP_OPTIONS=--no-index --find-links {index}"
    done = make(project, "wheels", "WHEELS=house", options)
    assert done.returncode == 0, done.stdout
    gathered = {path.name for path in house.iterdir()}
    assert gathered == {path.name for path in index.iterdir()}
    assert "2 wheels" in done.stdout
    shutil.rmtree(index)  # from the house alone
    done = make(project, "setup", "WHEELS=house")
    assert done.returncode == 0, done.stdout
    show = "import importlib.metadata as m, spikewatt; print(m.version('tabulate'))"
    asked = [project / ".venv" / "bin" / "python", "-I", "-c", show]
    said = subprocess.run(asked, capture_output=True, text=True)
    assert said.stdout.strip() == importlib.metadata.version("tabulate"), said.stderr


def test_a_wheel_that_lacks_is_named(project):
    (project / "empty").mkdir()
    shutil.rmtree(project / ".venv", ignore_errors=True)
    done = make(project, "setup", "WHEELS=empty")
    assert done.returncode
    assert "No matching distribution found for setuptools==" in done.stdout
    assert not (project / ".venv" / "ready").exists()


def test_doctor_runs_without_an_environment(project):
    shutil.rmtree(project / ".venv", ignore_errors=True)
    done = make(project, "doctor")
    assert done.returncode == 0, done.stdout
    assert "make setup" in done.stdout
