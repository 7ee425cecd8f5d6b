"""The whole smoke config through a Slurm of one node, against the same without it.

    python tests/workflow/slurm_smoke.py FOLDER

Needs what `test_slurm.py` needs, and ten minutes; FOLDER keeps both projects.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import alike
import slurm_cluster
from project import ROOT, Project

PLUGIN = Path(os.environ.get("SPIKEWATT_SLURM", ROOT / ".venv" / "slurm"))
# The node that is played has no GPU and no eight cores.
SMOKE = ("--configfile", "config/smoke.yaml", "--config", "device=cpu", "threads=2")
SLURM = (
    *("--workflow-profile", "profiles/slurm", "--latency-wait", "10"),
    *("--slurm-init-seconds-before-status-checks", "2"),
)
RESULTS = Path("results/smoke")


def main(folder):
    """Run both, say how long each took and in which files they differ."""
    folder = Path(folder)
    local, there = (Project.copy(folder / name) for name in ("local", "slurm"))
    ran(local, "--cores", "2", *SMOKE)
    with tempfile.TemporaryDirectory(prefix="slurm") as place:
        cluster = slurm_cluster.Cluster(Path(place) / "s")
        try:
            cluster.start()
            paths = filter(None, [str(PLUGIN), os.environ.get("PYTHONPATH", "")])
            found = cluster.env | {"PYTHONPATH": os.pathsep.join(paths)}
            ran(there, *SLURM, *SMOKE, **found)
        finally:
            cluster.stop()
    runs = [project.folder / RESULTS / "runs" for project in (local, there)]
    names = [set(alike.files(project.folder / RESULTS)) for project in (local, there)]
    print(f"{len(names[0])} and {len(names[1])} files; in one only:")
    print(*sorted(map(str, names[0] ^ names[1])), sep="\n")
    different = alike.differences(*runs)
    print(f"{len(alike.files(runs[0]))} files of runs, {len(different)} differ:")
    print(*different, sep="\n")
    return bool(different)


def ran(project, *arguments, **variables):
    """Run Snakemake in a project; its log lies beside it."""
    (project.folder / "tmp").mkdir()
    variables["TMPDIR"] = str(project.folder / "tmp")
    start = time.monotonic()
    with project.folder.with_suffix(".log").open("w") as log:
        done = subprocess.run(
            [sys.executable, "-m", "snakemake", *arguments],
            cwd=project.folder,
            env=os.environ | variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    took = time.monotonic() - start
    print(f"{project.folder.name}: exit {done.returncode} in {took:.0f} s", flush=True)
    done.check_returncode()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
