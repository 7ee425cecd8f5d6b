"""RAPL on a powercap tree made up in a folder."""

from pathlib import Path

import pytest

from spikewatt.meter.backends.rapl import ROOT_VARIABLE, Rapl
from spikewatt.meter.errors import Unavailable


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A machine with two sockets, one of them with a memory domain."""
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path))
    domain(tmp_path / "intel-rapl:0", "package-0", 1_000_000)
    domain(tmp_path / "intel-rapl:0:0", "core", 500_000)
    domain(tmp_path / "intel-rapl:0:1", "dram", 300_000)
    domain(tmp_path / "intel-rapl:1", "package-1", 2_000_000)
    domain(tmp_path / "intel-rapl-mmio:0", "package-0", 1_000_000)
    (tmp_path / "intel-rapl").mkdir()
    return tmp_path


def domain(folder, name, microjoules, wraps_at=10_000_000):
    folder.mkdir()
    (folder / "name").write_text(name + "\n")
    (folder / "max_energy_range_uj").write_text(f"{wraps_at}\n")
    (folder / "energy_uj").write_text(f"{microjoules}\n")


def set_to(tree, folder, microjoules):
    (tree / folder / "energy_uj").write_text(f"{microjoules}\n")


def rapl():
    return Rapl(None, None)


def test_domains_are_named_by_socket_and_counted_once(tree):
    assert rapl().columns == (
        "rapl_package_0_j",
        "rapl_core_0_j",
        "rapl_dram_0_j",
        "rapl_package_1_j",
    )


def test_joules_since_the_start(tree):
    meter = rapl()
    set_to(tree, "intel-rapl:0", 3_500_000)
    joules = meter.read_counters()
    assert joules["rapl_package_0_j"] == pytest.approx(2.5)
    assert joules["rapl_package_1_j"] == 0


def test_a_counter_that_wraps_goes_on(tree):
    meter = rapl()
    for value in (9_000_000, 2_000_000, 8_000_000, 1_000_000):
        set_to(tree, "intel-rapl:0", value)
        meter.read_counters()
    # 1 → 9, over 10 to 2, 8, over 10 to 1: 8 + 3 + 6 + 3 = 20 J
    assert meter.read_counters()["rapl_package_0_j"] == pytest.approx(20)
    assert meter.facts()["domains"]["rapl_package_0_j"]["wraps_at_j"] == 10


def test_a_reading_that_fails_costs_a_cell(tree):
    meter = rapl()
    (tree / "intel-rapl:0" / "energy_uj").unlink()
    joules = meter.read_counters()
    assert joules["rapl_package_0_j"] is None
    assert joules["rapl_package_1_j"] == 0


@pytest.mark.parametrize(
    ("name", "problem"),
    [("nowhere", "nowhere does not exist.*modprobe"), ("", "no intel-rapl domain")],
)
def test_no_powercap_tree_or_none_of_rapl(tmp_path, monkeypatch, name, problem):
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path / name))
    with pytest.raises(Unavailable, match=problem):
        rapl()


def test_permission_denied_says_what_to_do(tree, monkeypatch):
    deny(monkeypatch, "energy_uj")
    with pytest.raises(Unavailable, match="Permission denied.*only root.*chmod"):
        rapl()


def test_a_domain_that_may_not_be_read_is_named_and_the_rest_measured(
    tree, monkeypatch
):
    deny(monkeypatch, "intel-rapl:1/energy_uj")
    meter = rapl()
    assert "rapl_package_1_j" not in meter.columns
    assert "rapl_package_0_j" in meter.columns
    refused = str(tree / "intel-rapl:1" / "energy_uj")
    assert meter.facts()["refused"] == {refused: "Permission denied"}


def deny(monkeypatch, ending):
    """Reading files whose path ends so is refused, even to root."""
    read_text = Path.read_text

    def refuse(path, *arguments, **options):
        if str(path).endswith(ending):
            raise PermissionError(13, "Permission denied", str(path))
        return read_text(path, *arguments, **options)

    monkeypatch.setattr(Path, "read_text", refuse)
