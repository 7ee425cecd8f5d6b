"""AEDAT 4, iniVation's format: packets of events, behind a header that says the sensor.

Read by the library `aedat`, as tonic does, in a process of its own (see `elsewhere`);
written plainly (one packet, not packed) for sample data.
"""

import contextlib
import json
import struct
import subprocess
import sys
import threading

import numpy as np

from spikewatt.data import elsewhere
from spikewatt.data.aedat4_worker import EVENT
from spikewatt.data.errors import ArchiveError

MAGIC = b"#!AER-DAT4.0\r\n"
# An event takes 16 bytes, packed about 5.
PACKED_EVENT_BYTES = 4
STORED = np.dtype(
    {
        "names": ["time", "x", "y", "polarity"],
        "formats": ["<i8", "<i2", "<i2", "?"],
        "offsets": [0, 8, 10, 12],
        "itemsize": 16,
    }
)


def most_events(size):
    """About how many events a file of `size` bytes has, at most."""
    return size // PACKED_EVENT_BYTES


class Decoder:
    """Reads files one after another; a file that ends the process is named."""

    def __init__(self):
        self._lock, self._process = threading.Lock(), None

    def close(self):
        """End the process."""
        if self._process is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()
            self._process = None

    def read(self, where, file, sensor):
        """x, y, polarity and time (µs) of the first stream of events, as int64 arrays.

        file: its path. sensor: (polarities, height, width). Raises ArchiveError naming
        `where` for a damaged file, one without events, and one of another sensor.
        """
        with self._lock:
            answer, content = self._asked(where, str(file))
        if "problem" in answer:
            raise ArchiveError(where, answer["problem"])
        size, due = (answer["width"], answer["height"]), (sensor[2], sensor[1])
        if size != due:
            raise ArchiveError(
                where, "its sensor has {}×{} pixels, not {}×{}".format(*size, *due)
            )
        events = np.frombuffer(content, EVENT)
        return tuple(events[name].astype(np.int64) for name in ("x", "y", "on", "t"))

    def _asked(self, where, file):
        """The worker's answer and the bytes behind it."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "spikewatt.data.aedat4_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=elsewhere.environment(),
            )
        try:
            self._process.stdin.write(json.dumps(file).encode() + b"\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = b""
        if not line.endswith(b"\n"):
            status = self._process.wait()
            self.close()
            raise ArchiveError(where, f"its decoder broke down over it ({status})")
        answer = json.loads(line)
        return answer, self._process.stdout.read(
            answer.get("count", 0) * EVENT.itemsize
        )


def pack(x, y, polarity, time, width, height):
    """The bytes of a file with these events, on a sensor of that size."""
    events = np.zeros(len(x), STORED)
    for name, part in (("time", time), ("x", x), ("y", y), ("polarity", polarity)):
        events[name] = part
    packet = _packet(events.tobytes(), len(events))
    head = _header(_info(width, height))
    return MAGIC + head + struct.pack("<2i", 0, len(packet)) + packet


def _info(width, height):
    """The XML that names stream 0 and its sensor."""
    return (
        '<dv version="2.0"><node name="outInfo" path="/mainloop/Recorder/outInfo/">'
        '<node name="0" path="/mainloop/Recorder/outInfo/0/">'
        '<attr key="compression" type="string">NONE</attr>'
        '<attr key="originalModuleName" type="string">capture</attr>'
        '<attr key="originalOutputName" type="string">events</attr>'
        '<attr key="typeDescription" type="string">Array of events.</attr>'
        '<attr key="typeIdentifier" type="string">EVTS</attr>'
        '<node name="info" path="/mainloop/Recorder/outInfo/0/info/">'
        f'<attr key="sizeX" type="int">{width}</attr>'
        f'<attr key="sizeY" type="int">{height}</attr>'
        '<attr key="source" type="string">DVS128</attr>'
        "</node></node></node></dv>"
    ).encode("ascii")


def _header(info):
    """The flatbuffer `IOHeader`, its size before it: not packed, no table of packets.

    root → table; table: vtable, int64 position, int32 compression, string → `info`.
    """
    vtable = struct.pack("<5H", 10, 24, 16, 8, 20)  # sizes; fields' offsets
    start = 4 + 4 + 2 + len(vtable)  # root, identifier, padding
    table = struct.pack("<iiqii", start - 10, 0, -1, 0, 4)
    text = struct.pack("<I", len(info)) + info + b"\0"
    body = struct.pack("<I4s2x", start, b"IOHE") + vtable + table + text
    body += bytes(-len(body) % 8)
    return struct.pack("<I", len(body)) + body


def _packet(data, count):
    """The flatbuffer `EventPacket`, its size before it: one list of events."""
    vtable = struct.pack("<3H", 6, 8, 4)
    start = 4 + 4 + 2 + len(vtable)
    table = struct.pack("<iI", start - 10, 4)
    body = struct.pack("<I4s2x", start, b"EVTS") + vtable + table
    body += struct.pack("<I", count) + data
    return struct.pack("<I", len(body)) + body
