"""Decodes files in AEDAT 4 with the library `aedat`: a program, started by `aedat4`.

    python -m spikewatt.data.aedat4_worker

For each line on its standard input, a path, it writes a line of JSON: «problem», or
«count», «width» and «height» of the first stream of events, and then the events as
`EVENT`s.
"""

import json
import sys

import numpy as np

from spikewatt.data import elsewhere

EVENT = np.dtype([("t", "<i8"), ("x", "<u2"), ("y", "<u2"), ("on", "u1")])
MOST_EVENTS = 20_000_000


def decoded(path):
    """What to say of a file, as a dict, and its events."""
    import aedat  # here, once memory is bounded

    decoder = aedat.Decoder(path)
    streams = decoder.id_to_stream()
    numbers = [n for n, stream in streams.items() if stream["type"] == "events"]
    if not numbers:
        return {"problem": "it has no stream of events"}, b""
    stream, packets, count = min(numbers), [], 0
    for packet in decoder:
        if packet["stream_id"] == stream:
            packets.append(_plain(packet["events"]))
            count += len(packets[-1])
        if count > MOST_EVENTS:
            return {"problem": f"it has more than {MOST_EVENTS:,} events"}, b""
    size = {edge: int(streams[stream][edge]) for edge in ("width", "height")}
    return {"count": count, **size}, b"".join(part.tobytes() for part in packets)


def _plain(events):
    made = np.empty(len(events), EVENT)
    for name in EVENT.names:
        made[name] = events[name]
    return made


def main():
    """Answer until the input ends."""
    elsewhere.limit()
    for line in sys.stdin.buffer:
        try:
            answer, content = decoded(json.loads(line))
        except BaseException as error:  # a panic of the library is no Exception
            answer = {"problem": f"it cannot be read ({type(error).__name__}: {error})"}
            content = b""
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + content)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
