"""How fast N-MNIST is prepared, and in how much memory.

    python bench/prepare_events.py FOLDER     ours against tonic's two transforms
    python bench/prepare_events.py --full     70,000 made-up recordings, peak memory

FOLDER holds `train.zip` with real recordings. Both sides of the first comparison run
on one core, in turn, on the same recordings. tonic is timed on events that are already
decoded; ours starts from the bytes, checks and decodes them and sorts the result.
"""

import argparse
import itertools
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

import numpy as np  # noqa: E402
from tonic.io import read_mnist_file  # noqa: E402
from tonic.transforms import Denoise, ToFrame  # noqa: E402

from spikewatt.data import (  # noqa: E402
    catalogue,
    checksum,
    events,
    nmnist,
    prepare,
    sample_images,
    sensor,
    with_tonic,
)
from spikewatt.data.nmnist import (  # noqa: E402
    FOLDERS,
    Recordings,
)

DATASET = catalogue.NMNIST
SETTINGS = {"filter_time_us": 10_000, "bin_us": 1_000}
EVENTS = 280_000_000


def compare(folder, count, rounds):
    """Print the times of both on the same recordings, and their ratio a round."""
    with Recordings(Path(folder) / "train.zip", "train", DATASET) as recordings:
        step = max(1, len(recordings) // count)
        data = [recordings.raw(i) for i in range(0, len(recordings), step)][:count]
    frame = ToFrame(sensor_size=(34, 34, 2), time_window=SETTINGS["bin_us"])
    denoise = Denoise(filter_time=SETTINGS["filter_time_us"])
    decoded = [decode(raw) for raw in data]
    ours(data[0])  # compiles
    ratios = []
    for number in range(rounds):
        own = timed(ours, data)
        tonics = timed(lambda recording: frame(denoise(recording)), decoded)
        ratios.append(tonics / own)
        print(
            f"round {number + 1}: {len(data)} recordings, ours {own * 1e3:.1f} ms, "
            f"tonic {tonics * 1e3:.1f} ms, ratio {ratios[-1]:.1f}"
        )
    print(
        f"ratio: median {statistics.median(ratios):.1f}, "
        f"{min(ratios):.1f} to {max(ratios):.1f} over {rounds} rounds"
    )


def ours(raw):
    decoded = nmnist.decode("a recording", raw, DATASET.shape)
    return events.to_rows("a recording", decoded, DATASET.shape, SETTINGS)


def decode(raw):
    with tempfile.TemporaryFile() as file:
        file.write(raw)
        file.seek(0)
        return read_mnist_file(file, dtype=with_tonic.DTYPE, is_stream=True)


def timed(function, inputs):
    started = time.process_time()
    for one in inputs:
        function(one)
    return time.process_time() - started


def full(folder, threads):
    """Make an archive of the full size, prepare it in a process of its own."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        scratch = Path(scratch)
        made = make_full(scratch)
        print(f"made {made:,} events in {DATASET.train + DATASET.test:,} recordings")
        started = time.monotonic()
        command = [sys.executable, __file__, "--prepare", str(scratch)]
        subprocess.run([*command, "--threads", str(threads)], check=True)
        took = time.monotonic() - started
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
        size = (scratch / "nmnist.safetensors").stat().st_size
        print(
            f"prepared in {took:.0f} s on {threads} threads, peak {peak:.2f} GiB "
            f"resident, {size:,} bytes written"
        )


def make_full(scratch):
    """Write both zips from a few hundred simulated recordings over and over."""
    images, _ = sample_images.digits("train", 200, seed=0)
    thresholds = sensor.thresholds(np.random.default_rng(0))
    some = [
        sensor.record(image, np.random.default_rng(number), thresholds)
        for number, image in enumerate(images)
    ]
    mean = EVENTS * 5 // (DATASET.train + DATASET.test)
    # Lengthened at the end by events of the last moment to the mean of the real ones.
    some = [raw + raw[-5:] * max(0, (mean - len(raw)) // 5 + 1) for raw in some]
    total = 0
    for split in ("train", "test"):
        path = scratch / f"{split}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
            numbers = range(1, getattr(DATASET, split) + 1)
            for number, raw in zip(numbers, itertools.cycle(some), strict=False):
                name = f"{FOLDERS[split]}/{number % 10}/{number:05d}.bin"
                file.writestr(name, raw)
                total += len(raw) // 5
        checksum.record(path)
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", help="real recordings, or room for --full")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--count", type=int, default=200, help="recordings compared")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--prepare", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.prepare:
        output = Path(options.prepare) / "nmnist.safetensors"
        prepare.prepare(
            "nmnist", options.prepare, output, SETTINGS, threads=options.threads
        )
    elif options.full:
        full(options.folder, options.threads)
    elif options.folder:
        compare(options.folder, options.count, options.rounds)
    else:
        parser.error("give the folder that holds train.zip, or --full")


if __name__ == "__main__":
    main()
