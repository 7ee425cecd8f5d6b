"""The README walked as a user would: its commands run, and leave what it promises.

On tiny data, in a copy of a project that has run once; what a command is to leave is
taken away first. A command that the README gains must be given its outputs here.
"""

import os
import re
import shlex
import subprocess
import sys

import pytest

from project import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
# Both overlays are the tiny config; the second has experiment 1 alone.
TINY, ONE = "tiny.yaml", "one.yaml"
RUN = "results/tiny/runs/{}/reference/seed{}/{}"
PAGES = [f"results/tiny/{name}" for name in ("report.html", "summary.csv")]
COLUMNS = "results/tiny/columns.csv"
TABLES, FIGURES = "results/tiny/tables", "results/tiny/figures"
# Each command with the config it is given and the files that it must leave.
WALK = {
    "snakemake --cores 1": (TINY, [*PAGES, COLUMNS]),
    "snakemake --cores 1 exp2": (
        *(TINY, [f"{TABLES}/exp2/table1.csv", f"{FIGURES}/fig11.svg"]),
    ),
    "snakemake --cores 1 exp2/cnn": (TINY, [RUN.format("exp2/cnn", 0, "test.csv")]),
    "snakemake --cores 1 tables": (
        *(TINY, [f"{TABLES}/table1.tex", f"{TABLES}/claims.csv"]),
    ),
    "snakemake --cores 1 plan": (
        *(ONE, ["results/tiny/logs/plan.log", "results/tiny/forecast.json"]),
    ),
    "snakemake --cores 1 data": (TINY, ["resources/sample/datasets/mnist.safetensors"]),
    "snakemake --cores 1 results/runs/exp1/snn/reference/seed0/test.csv": (
        *(TINY, [RUN.format("exp1/snn", 0, "test.csv")]),
    ),
    "snakemake --cores 1 --config seeds=[0,1,2]": (
        ONE,
        [RUN.format("exp1/snn", seed, "test.csv") for seed in range(3)]
        + [f"{TABLES}/paired.csv"],
    ),
    "snakemake --cores 1 --config stacks=[reference,fast]": (
        *(ONE, [f"{TABLES}/stacks.csv", f"{FIGURES}/fig_stacks.png"]),
    ),
    "snakemake --cores 1 --config loading=prepared": (ONE, PAGES),
    "snakemake --cores 1 --report report.zip": (TINY, ["report.zip"]),
    "snakemake --cores 1 --unlock && snakemake --cores 1": (TINY, PAGES),
    "python -m spikewatt.meter --out results/try -- python train.py": (
        *(None, ["results/try_summary.csv"]),
    ),
}
# What is tried elsewhere, and where.
ELSEWHERE = {
    "snakemake -s PATH/Snakefile -d FOLDER --cores 1": "test_everyday.py",
    "snakemake --cores 1 --config allow_missing=true": "test_allow_missing.py",
    "snakemake --cores 1 --config source=local archives=FOLDER": "test_layouts.py",
    "python bench/verdicts.py": "test_verdicts_page.py",
    "snakemake --cores 1 nir --configfile config/nir.yaml": "test_nir.py",
    "snakemake --workflow-profile profiles/slurm": "test_slurm.py",
    "python -m spikewatt.meter": "test_cli.py",
}


def test_every_command_of_the_readme_is_walked():
    shown = re.findall(r"`((?:snakemake|python) [^`]+)`", README)
    assert set(shown) == {*WALK, *ELSEWHERE}
    for name in ELSEWHERE.values():
        assert list((ROOT / "tests").rglob(name)), name


def test_every_make_target_of_the_readme_is_there():
    inline = re.findall(r"`make ([a-z]+)", README)
    blocks = re.findall(r"^make ([a-z]+)", README, flags=re.MULTILINE)
    made = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in {*inline, *blocks}:
        assert re.search(rf"^{target}:", made, flags=re.MULTILINE), target


@pytest.mark.workflow
@pytest.mark.parametrize("command", WALK)
def test_a_command_leaves_what_it_promises(project, command):
    config, outputs = WALK[command]
    folder = project.folder
    (folder / "train.py").write_text("print(sum(range(10 ** 6)))\n")
    tiny = (folder / TINY).read_text(encoding="utf-8")
    alone = re.sub(r"^  (exp[23]): .*", r"  \1: null", tiny, flags=re.MULTILINE)
    (folder / ONE).write_text(alone, encoding="utf-8")
    for output in outputs:
        (folder / output).unlink(missing_ok=True)
    for part in command.split(" && "):
        run(part, folder, config)
    for output in outputs:
        assert (folder / output).exists(), output


def run(command, project, config):
    """A command as it stands in the README, on tiny data."""
    words = shlex.split(command.replace("results/runs", "results/tiny/runs"))
    programs = {"python": [sys.executable]}
    programs["snakemake"] = [sys.executable, "-m", "snakemake"]
    words = [*programs[words[0]], *words[1:]]
    if config:
        words += ["--configfile", str(project / config)]
    (project / "tmp").mkdir(exist_ok=True)
    library = str(project / "workflow" / "scripts")
    done = subprocess.run(
        words,
        cwd=project,
        env=os.environ | {"TMPDIR": str(project / "tmp"), "PYTHONPATH": library},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:]
