"""AEDAT 4, iniVation's format: packets of events, behind a header that says the sensor.

Read by the library `aedat`, as tonic does; written plainly (one packet, not packed) for
sample data.
"""

import struct

import numpy as np

from spikewatt.data.errors import ArchiveError, hostile

MAGIC = b"#!AER-DAT4.0\r\n"
# An event takes 16 bytes, packed about 5.
PACKED_EVENT_BYTES = 4
MOST_EVENTS = 20_000_000
EVENT = np.dtype(
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


def read(where, file, sensor):
    """x, y, polarity and time (µs) of the first stream of events, as int64 arrays.

    file: its path. sensor: (polarities, height, width). Raises ArchiveError naming
    `where` for a damaged file, one without events, and one of another sensor.
    """
    import aedat  # here: only the preparation of such a set needs it

    packets, count = [], 0
    with hostile(where), _panics():
        decoder = aedat.Decoder(file)
        stream = _stream(where, decoder.id_to_stream(), sensor)
        for packet in decoder:
            if packet["stream_id"] != stream:
                continue
            packets.append(packet["events"])
            count += len(packets[-1])
            if count > MOST_EVENTS:
                raise ArchiveError(where, f"it has more than {MOST_EVENTS:,} events")
    if not count:
        raise ArchiveError(where, "it has no event")
    events = np.concatenate(packets)
    return tuple(events[name].astype(np.int64) for name in ("x", "y", "on", "t"))


class _panics:
    """Turns a panic of the library, which is no Exception, into one."""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _traceback):
        if kind is not None and kind.__name__ == "PanicException":
            raise ValueError(str(error)) from None


def _stream(where, streams, sensor):
    """The number of the first stream of events, if it is of the `sensor`."""
    numbers = [n for n, stream in streams.items() if stream["type"] == "events"]
    if not numbers:
        raise ArchiveError(where, "it has no stream of events")
    size = streams[min(numbers)]["width"], streams[min(numbers)]["height"]
    if size != (sensor[2], sensor[1]):
        raise ArchiveError(
            where,
            f"its sensor has {size[0]}×{size[1]} pixels, not {sensor[2]}×{sensor[1]}",
        )
    return min(numbers)


def pack(x, y, polarity, time, width, height):
    """The bytes of a file with these events, on a sensor of that size."""
    events = np.zeros(len(x), EVENT)
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
