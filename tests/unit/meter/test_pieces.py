"""The parts of the meter's process: ticks, the recorder, labels, writing, reading."""

import threading

import pytest

from spikewatt.meter.labels import Labels
from spikewatt.meter.recorder import Recorder
from spikewatt.meter.samples import read
from spikewatt.meter.telemetry import Writer, header
from spikewatt.meter.ticker import Ticker


def test_ticks_do_not_drift():
    ticker = Ticker(10, start=100.0)
    late = [100.0, 100.17, 100.21, 100.30]  # each served a little late
    assert [ticker.serve(now) for now in late] == [0, 0, 0, 0]
    assert ticker.due == pytest.approx(100.4)


def test_missed_ticks_are_counted():
    ticker = Ticker(10, start=0.0)
    assert ticker.serve(0.0) == 0
    assert ticker.serve(0.45) == 3  # ticks at 0.1, 0.2, 0.3 were never served
    assert ticker.due == pytest.approx(0.5)


def test_the_recorder_logs_the_mean_of_15_samples_every_30_s():
    recorder, points = Recorder(0.0), {}
    for step in range(1, 1301):  # 65 s at 20 Hz; power is the second
        now = step / 20
        point = recorder.take(now, {"gpu_power_w": int(now), "gpu_memory_pct": None})
        if point:
            points[now] = point
    # samples at 2, 4, … 30 s: mean 16; then at 32, … 60 s: mean 46
    assert points == {
        30.0: {"recorder_gpu_power_w": 16, "recorder_gpu_memory_pct": None},
        60.0: {"recorder_gpu_power_w": 46, "recorder_gpu_memory_pct": None},
    }


def test_labels_go_by_the_moment_of_an_edge():
    labels = Labels()
    labels.add(1.0, "train", 1)
    labels.add(2.0, "", None)
    moments = (0.9, 1.0, 1.9, 2.0)
    assert [labels.at(moment)[0] for moment in moments] == ["", "train", "train", ""]


class SlowDisk:
    """A file that takes nothing until it is released."""

    def __init__(self):
        self.text, self.free = "", threading.Event()

    def write(self, text):
        self.free.wait()
        self.text += text

    def flush(self):
        pass


def test_a_slow_disk_delays_nobody_and_loses_nothing():
    disk = SlowDisk()
    writer = Writer(disk, ["a"])
    for number in range(1000):
        writer.add([{"a": number}])  # would hang here if it waited for the disk
    assert disk.text == ""
    disk.free.set()
    writer.close()
    assert disk.text == "a\n" + "".join(f"{number}\n" for number in range(1000))


def test_a_full_disk_is_reported():
    class FullDisk:
        def write(self, text):
            raise OSError(28, "No space left on device")

        def flush(self):
            pass

    writer = Writer(FullDisk(), ["a"])
    with pytest.raises(OSError, match="No space left"):
        writer.flush()


def test_reading_back_while_the_last_line_is_not_whole(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("monotonic_s,phase,rss_mib\n1.5,train,\n2.5,val,7\n3.5,va")
    columns = read(path)
    assert list(columns["monotonic_s"]) == [1.5, 2.5]
    assert columns["phase"] == ["train", "val"]
    assert str(columns["rss_mib"][0]) == "nan"
    second = path.read_text().index("2.5")
    assert list(read(path, second)["monotonic_s"]) == [2.5]
    assert list(read(path, second - 3)["monotonic_s"]) == [2.5]


def test_the_header_is_the_same_on_every_machine():
    assert header(["x_w"])[:4] == ["monotonic_s", "phase", "epoch", "x_w"]
    assert header([])[-1] == "event"
