"""Run pip and say what it fetches and how big: a line a package, or pip's own bars.

    .venv/bin/python envs/install.py install ARGUMENTS OF pip install …
    .venv/bin/python envs/install.py wheel ARGUMENTS OF pip wheel …

On a terminal pip speaks for itself, with its progress bars. Elsewhere its hundreds of
lines become one for each file that is fetched. Needs nothing but Python and pip.
"""

import re
import subprocess
import sys

# «  Downloading numpy-2.4.6-cp311-cp311-linux.whl (16.9 MB)»; address or cache, too.
FETCHED = re.compile(
    r"\s*(?P<how>Downloading|Using cached) (?:\S*/)?(?P<file>[^\s/]+)"
    r"(?: \((?P<size>[^)]+)\))?"
)
INSTALLING = "Installing collected packages: "


def shown(line):
    """What to show of a line of pip's, or None."""
    if line.startswith(INSTALLING):
        count = line.removeprefix(INSTALLING).count(",") + 1
        what = f"{count} package{'s' if count != 1 else ''}"
        return f"  installing {what}: unpacking may take minutes, without a word"
    fetched = FETCHED.match(line)
    if not fetched or fetched["file"].endswith(".metadata"):
        return None
    name, version = [*re.split("-", fetched["file"])[:2], ""][:2]
    version = re.sub(r"\.(tar\.gz|zip)$", "", version)
    size = f", {fetched['size']}" if fetched["size"] else ""
    how = "" if fetched["how"] == "Downloading" else ", from the cache"
    return f"  {name} {version}{size}{how}"


def run(arguments, program=(sys.executable, "-m", "pip"), lively=None):
    """Run pip with its word, install or wheel, and arguments; returns its status."""
    command = [*program, *arguments]
    if sys.stdout.isatty() if lively is None else lively:
        return subprocess.call(command)
    command.insert(len(program) + 1, "--progress-bar=off")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if told := shown(line):
                print(told, flush=True)
    return process.returncode


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
