"""Power, energy, memory and CPU time of a run, measured by a process of its own.

    from spikewatt.meter import Meter
    with Meter("telemetry.csv", device="cuda:0") as meter:
        with meter.phase("train", epoch=1):
            ...
        row = meter.row(("train",), epoch=1)

Imported by the sampler too, so it stays light: no torch, no pandas, no numpy here.
"""

from spikewatt.meter.errors import DeviceLost, MeterError
from spikewatt.meter.lock import device_lock
from spikewatt.meter.meter import Meter, recover

__all__ = ["DeviceLost", "Meter", "MeterError", "device_lock", "recover"]
