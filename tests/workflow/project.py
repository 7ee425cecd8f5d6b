"""A copy of the project to run Snakemake in, and to change without harm."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = ("Snakefile", "config.yaml", "config", "envs", "profiles", "workflow")
TINY = ROOT / "tests" / "workflow" / "tiny.yaml"
# What was compiled goes along, by Python and by numba: both look at a source's time
# stamp and size. Not what another process writes at this moment.
HALF_WRITTEN = shutil.ignore_patterns("*.pyc.*", "*.tmp.*")


class Project:
    """A project folder in which Snakemake runs on the tiny config."""

    def __init__(self, folder):
        self.folder = Path(folder)

    @classmethod
    def copy(cls, folder):
        """A fresh copy of the project's files, without any result."""
        for part in PARTS:
            source, target = ROOT / part, Path(folder) / part
            if source.is_dir():
                shutil.copytree(source, target, ignore=HALF_WRITTEN)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
        shutil.copy2(TINY, Path(folder) / "tiny.yaml")
        return cls(folder)

    def clone(self, folder):
        """This project with its results, time stamps kept."""
        shutil.copytree(self.folder, folder, copy_function=shutil.copy2)
        return Project(folder)

    def snakemake(self, *arguments, check=True, env=None):
        """Run Snakemake on the tiny config; returns the completed process.

        Standard output and error are joined in `stdout`. The folder for temporary
        files is the project's own, so that no real run's device lock is waited for.
        """
        (self.folder / "tmp").mkdir(exist_ok=True)
        command = [sys.executable, "-m", "snakemake", "--cores", "2"]
        command += [*arguments, "--configfile", "tiny.yaml"]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=os.environ | {"TMPDIR": str(self.folder / "tmp")} | (env or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if check and done.returncode:
            raise AssertionError(f"{' '.join(command)} failed:\n{done.stdout[-6000:]}")
        return done

    def planned(self, *arguments):
        """The messages of the jobs that a dry run plans, as a sorted list."""
        text = self.snakemake("--dry-run", *arguments).stdout
        return sorted(re.findall(r"^Job \d+: (.+)$", text, flags=re.MULTILINE))

    def edit(self, name, old, new):
        """Replace `old` by `new` in a file of the project; both must be there once."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        path.write_text(text.replace(old, new), encoding="utf-8")
