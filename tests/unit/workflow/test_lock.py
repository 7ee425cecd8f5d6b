"""The lock file has a solution under each Python that is supported, by what the
installed packages themselves ask for. Whether there are wheels: `make resolve`."""

import importlib.metadata
import platform
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

LOCK = Path(__file__).parents[3] / "envs" / "requirements.lock"
LINES = [
    Requirement(line)
    for line in LOCK.read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
# torch's own, which its CPU build does without; pip leaves setuptools out of a freeze.
NOT_PINNED = ("nvidia-", "cuda-", "setuptools")
PYTHONS = ["3.11", "3.12", "3.13"]


def system(version, extra=""):
    """What markers are asked about: this system with another Python."""
    return {
        "python_version": version,
        "python_full_version": f"{version}.0",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_machine": "x86_64",
        "os_name": "posix",
        "extra": extra,
    }


def pins(version):
    """{name: its one version} in the lock, for a Python."""
    return {
        canonicalize_name(line.name): next(iter(line.specifier)).version
        for line in LINES
        if not line.marker or line.marker.evaluate(system(version))
    }


def wanted(version):
    """(who asks, the requirement) of all pinned packages, extras included."""
    extras = {(canonicalize_name(line.name), "") for line in LINES}
    waiting, seen = sorted(extras), set()
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        try:
            texts = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:  # of another Python's
            continue
        for asked in map(Requirement, texts):
            if asked.marker and not asked.marker.evaluate(system(version, extra)):
                continue
            yield name, asked
            waiting += [(canonicalize_name(asked.name), word) for word in asked.extras]


@pytest.fixture(scope="module", autouse=True)
def installed():
    """What is installed here is the lock's: else other packages would be looked at."""
    major, minor, _ = platform.python_version_tuple()
    for name, version in pins(f"{major}.{minor}").items():
        try:
            found = importlib.metadata.version(name).split("+")[0]
        except importlib.metadata.PackageNotFoundError:
            found = "nothing"
        if found != version:
            pytest.skip(f"not the lock's environment: {name} {version}, here {found}")


@pytest.mark.parametrize("version", PYTHONS)
def test_all_that_is_asked_for_is_pinned_as_asked(version):
    pinned, lacking = pins(version), []
    for who, asked in wanted(version):
        name = canonicalize_name(asked.name)
        if name.startswith(NOT_PINNED):
            continue
        if name not in pinned or not asked.specifier.contains(pinned[name], True):
            lacking.append(f"{who} asks for {asked}; pinned: {pinned.get(name)}")
    assert lacking == []


@pytest.mark.parametrize("version", PYTHONS)
def test_all_pinned_packages_take_this_python(version):
    refusing = []
    for name in pins(version):
        try:
            told = importlib.metadata.metadata(name).get("Requires-Python") or ""
        except importlib.metadata.PackageNotFoundError:
            continue
        if not SpecifierSet(told).contains(f"{version}.0"):
            refusing.append(f"{name} wants Python {told}")
    assert refusing == []
