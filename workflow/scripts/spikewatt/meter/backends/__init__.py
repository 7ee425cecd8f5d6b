"""Sources of readings, each a file with one class; docs/METER.md says how to add one.

A backend has
    name, measures      what it is called, and a plain statement of what it measures
    columns             names of its readings in telemetry.csv, with units
    read_counters()     {column: value} of what only grows; cheap, read at phase edges
    read(full=False)    {column: value} of the rest, as far as due; full: all of it
    facts()             what to record of it in run.json
Its constructor takes a `Target` and a `ProcessTree` and raises `Unavailable` with the
reason and what to do, or `NotThere` where nobody would expect such hardware.
`DeviceLost` is raised when the device vanishes later.
"""

from spikewatt.meter.backends.amd import Amd
from spikewatt.meter.backends.apple import Apple
from spikewatt.meter.backends.host import Host
from spikewatt.meter.backends.jetson import Jetson
from spikewatt.meter.backends.nvml import Nvml
from spikewatt.meter.backends.nvml_all import NvmlAll
from spikewatt.meter.backends.rapl import Rapl
from spikewatt.meter.errors import NotThere, Unavailable

ALL = (Host, Apple, Jetson, Amd, Nvml, NvmlAll, Rapl)
# Those that measure the GPU that a run computes on: the first of them that works does.
OF_GPUS = (Apple.name, Jetson.name, Amd.name, Nvml.name)


def open_all(target, tree):
    """The backends that work here, and {name: reason} for the others."""
    opened, unavailable = [], {}
    for backend in ALL:
        if backend.name in OF_GPUS and of_gpu(opened):
            continue
        try:
            opened.append(backend(target, tree))
        except NotThere:
            continue
        except Unavailable as error:
            unavailable[backend.name] = str(error)
    return opened, unavailable


def of_gpu(names):
    """The name of what measures the GPU, among backends or their names; or None."""
    names = [getattr(one, "name", one) for one in names]
    return next((name for name in names if name in OF_GPUS), None)


def columns(opened):
    """Columns of telemetry.csv: the same on every machine, save for CPU sockets."""
    working = {backend.name: backend.columns for backend in opened}
    return list(
        dict.fromkeys(
            column
            for backend in ALL
            for column in working.get(backend.name, backend.columns)
        )
    )
