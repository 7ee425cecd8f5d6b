"""Follows the recipes of CONTRIBUTING.md in a copy of the project."""

import os
import re
import shutil
import subprocess
import sys

from project import ROOT, Project

PAGE = ROOT / "CONTRIBUTING.md"
BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def section(title):
    """The text of the recipe with that title."""
    text = PAGE.read_text(encoding="utf-8")
    return re.search(rf"^### {title}\n(.*?)(?=^##|\Z)", text, re.M | re.S)[1]


def titles():
    """The titles of all recipes."""
    text = PAGE.read_text(encoding="utf-8")
    return re.findall(r"^### (.+)$", text, re.MULTILINE)


class Followed(Project):
    """A copy of the project in which a recipe was followed."""

    @classmethod
    def recipe(cls, title, folder):
        """Copy the project to `folder` and make the changes of a recipe's blocks."""
        project = cls.copy(folder)
        shutil.copy(ROOT / "pyproject.toml", folder)
        for language, path, text in BLOCK.findall(section(title)):
            if language == "diff":
                project._patch(text)
            elif path:
                (project.folder / path).write_text(text, encoding="utf-8")
        return project

    def _patch(self, text):
        """Make the changes of a block; what goes or stays must be there once."""
        head, _, rest = text.partition("\n")
        path = head.removeprefix("--- ")
        for hunk in re.split(r"^@@\n", rest, flags=re.MULTILINE):
            lines = hunk.splitlines(keepends=True)
            old = "".join(line[1:] or "\n" for line in lines if line[0] != "+")
            new = "".join(line[1:] or "\n" for line in lines if line[0] != "-")
            self.edit(path, old, new)

    def snakemake(self, *arguments, env=None, **options):
        """As `Project.snakemake`, with the copy's library and not the installed one."""
        library = {"PYTHONPATH": str(self.folder / "workflow" / "scripts")}
        return super().snakemake(*arguments, env=library | (env or {}), **options)

    def python(self, code, *arguments, **variables):
        """What `code` prints with the copy's library and the tests' helpers."""
        scripts = self.folder / "workflow" / "scripts"
        search = os.pathsep.join([str(scripts), str(ROOT / "tests" / "unit")])
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": search, "OMP_NUM_THREADS": "1"} | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def lint(self):
        """Complaints of the linters and of the import contracts; none is «»."""
        library = "workflow/scripts/spikewatt"
        contracts = "from importlinter.cli import lint_imports_command as run; run()"
        said = ""
        for command in (
            ["-m", "ruff", "check", library],
            ["-m", "ruff", "format", "--check", library],
            ["-c", contracts, "--no-cache", "--no-logo"],
        ):
            done = subprocess.run(
                [sys.executable, *command],
                cwd=self.folder,
                env=os.environ | {"PYTHONPATH": "workflow/scripts"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            said += done.stdout if done.returncode else ""
        return said
