"""`snakemake nir` on the tiny run: what it writes, what it refuses before any job."""

import os

import pytest

from oracles import FOLDER, oracle

pytestmark = pytest.mark.workflow
nir = oracle("nir")

ORACLES = os.environ.get("SPIKEWATT_ORACLES", str(FOLDER))
PATH = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), ORACLES]))
ENV = {"PYTHONPATH": PATH}
FILE = "results/tiny/nir/exp1_snn_reference_seed0.nir"
ZERO = ("--config", "neuron={reset: zero}")


def asked(project, *arguments, **options):
    return project.snakemake(*arguments, env=ENV, **options)


def test_what_nir_cannot_express_is_refused_before_any_job(complete):
    """In sentences alone; each network is named with its layers."""
    done = asked(complete, "nir", "--dry-run", check=False)
    assert done.returncode and "Traceback" not in done.stdout
    assert "exp1/ann has no NIR file:\n  layers 1 to 3: neurons of relu" in done.stdout
    assert "exp2/snn has no NIR file:\n  layers 1 to 4: the membrane" in done.stdout
    assert "\n  layer 2: max-pooling, which NIR has no node for" in done.stdout
    done = asked(complete, FILE, "--dry-run", check=False)
    assert done.returncode and "exp1/snn has no NIR file" in done.stdout
    assert "exp2/" not in done.stdout


def test_what_it_can_is_trained_and_written_and_the_rest_is_told(project):
    planned = asked(project, "nir", *ZERO, "--dry-run").stdout
    assert "exp3/snn_nmnist has no NIR file:\n  layer 1: max-pooling" in planned
    assert "Training exp1/snn" in planned and "Training exp2" not in planned
    asked(project, "nir", *ZERO)
    graph = nir.read(project.folder / FILE)
    assert graph.metadata["reset"] == "zero" and graph.metadata["steps"] == 4
    assert [file.name for file in (project.folder / FILE).parent.iterdir()] == [
        "exp1_snn_reference_seed0.nir"
    ]
    assert "NIR file of" not in asked(project, "nir", *ZERO, "--dry-run").stdout
    # without training: what is there
    (project.folder / FILE).unlink()
    asked(project, "nir", *ZERO, "allow_missing=true")
    assert (project.folder / FILE).exists()
    model = "results/tiny/runs/exp1/snn/reference/seed0/model.safetensors"
    (project.folder / model).unlink()
    done = asked(project, "nir", *ZERO, "allow_missing=true", check=False)
    assert done.returncode and "leave allow_missing out" in done.stdout
