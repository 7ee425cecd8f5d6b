"""The README walked as a user would: its commands run, and leave what it promises.

On tiny data, in a copy of a project that has run once. A command that the README gains
must be given its outputs here.
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
SEEDS = [f"runs/exp1/snn/reference/seed{seed}/test.csv" for seed in range(3)]
WALK = {
    "snakemake --cores 1": (TINY, ["report.html", "summary.csv", "columns.csv"]),
    "snakemake --cores 1 exp2": (TINY, ["tables/exp2/table1.csv", "figures/fig11.svg"]),
    "snakemake --cores 1 exp2/cnn": (TINY, ["runs/exp2/cnn/reference/seed0/run.json"]),
    "snakemake --cores 1 tables": (TINY, ["tables/table1.tex", "tables/claims.csv"]),
    "snakemake --cores 1 data": (TINY, []),
    "snakemake --cores 1 results/runs/exp1/snn/reference/seed0/test.csv": (
        *(TINY, ["runs/exp1/snn/reference/seed0/predictions.csv"]),
    ),
    "snakemake -s PATH/Snakefile -d FOLDER --cores 1": (ONE, ["report.html"]),
    "snakemake --cores 1 --config seeds=[0,1,2]": (ONE, [*SEEDS, "tables/paired.csv"]),
    "snakemake --cores 1 --config stacks=[reference,fast]": (
        *(ONE, ["tables/stacks.csv", "figures/fig_stacks.png"]),
    ),
    "snakemake --cores 1 --report report.zip": (TINY, ["../../report.zip"]),
    "snakemake --cores 1 --config allow_missing=true": (TINY, ["report.html"]),
    "snakemake --cores 1 --unlock && snakemake --cores 1": (TINY, ["report.html"]),
    "python -m spikewatt.meter --out results/try -- python train.py": (
        *(None, ["../try_summary.csv"]),
    ),
}
# What is tried elsewhere: set-up and the suite itself, and official archives.
ELSEWHERE = (
    "snakemake --cores 1 --config source=local archives=FOLDER",  # test_layouts.py
)


def test_every_command_of_the_readme_is_walked():
    shown = re.findall(r"`((?:snakemake|python) [^`]+)`", README)
    assert set(shown) == {*WALK, *ELSEWHERE}


@pytest.mark.workflow
@pytest.mark.parametrize("command", WALK)
def test_a_command_leaves_what_it_promises(project, tmp_path, command):
    config, outputs = WALK[command]
    folder = tmp_path / "elsewhere" if "-d FOLDER" in command else project.folder
    folder.mkdir(exist_ok=True)
    (project.folder / "train.py").write_text("print(sum(range(10 ** 6)))\n")
    tiny = (project.folder / TINY).read_text(encoding="utf-8")
    alone = re.sub(r"^  (exp[23]): .*", r"  \1: null", tiny, flags=re.MULTILINE)
    (project.folder / ONE).write_text(alone, encoding="utf-8")
    for part in command.split(" && "):
        run(part, project.folder, folder, config)
    for output in outputs:
        assert (folder / "results" / "tiny" / output).exists(), output


def run(command, project, folder, config):
    """A command as it stands in the README, in the user's folder, on tiny data."""
    words = shlex.split(command.replace("results/runs", "results/tiny/runs"))
    given = {"PATH/Snakefile": str(project / "Snakefile"), "FOLDER": str(folder)}
    words = [given.get(word, word) for word in words]
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
