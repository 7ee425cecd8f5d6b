"""Which neurons spike is said in three rooms that may not read each other."""

from spikewatt.compute import process
from spikewatt.network import describe
from spikewatt.results import runs


def test_all_rooms_name_the_same_neurons():
    assert process.SPIKING == runs.SPIKING == describe.SPIKING
    assert set(describe.SPIKING) < set(describe.NEURONS)
