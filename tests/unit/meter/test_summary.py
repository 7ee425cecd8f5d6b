"""Rows from readings made by hand."""

import math

import numpy as np
import pytest

from spikewatt.meter import flags, summary
from spikewatt.meter.interval import Interval
from spikewatt.results.runs import METER_COLUMNS

FACTS = {
    "cores": 2,
    "power_period_s": 0.1,
    "energy_period_s": 0.1,
    "cpu": ["rapl_package_0_j"],
    "dram": [],
}


def interval(seconds=10.0, rate=10, begin=100.0, **columns):
    """A phase with the same reading throughout, or a function of time in the phase.

    Columns that end in _j or _s and such are counters: give the pair of edges.
    """
    times = begin + (np.arange(int(seconds * rate)) + 0.5) / rate
    samples, first, last = {"monotonic_s": times}, {}, {}
    for name, value in columns.items():
        if isinstance(value, tuple):
            first[name], last[name] = value
        else:
            function = (
                value if callable(value) else lambda t, value=value: value + 0 * t
            )
            samples[name] = function(times - begin)
            first[name], last[name] = (float(function(t)) for t in (0, seconds))
    return Interval(begin, begin + seconds, first, last, samples)


def row(*intervals, idle=(), **choice):
    return summary.row(list(intervals), list(idle), FACTS, **choice)


def test_a_row_has_the_columns_of_the_run_files():
    assert set(METER_COLUMNS) <= set(row(interval()))


def test_without_a_gpu_its_cells_are_none_and_not_nan():
    numbers = row(interval())
    assert numbers["mean_gpu_power_w"] is None
    assert numbers["gpu_energy_j"] is None
    assert not any(isinstance(v, float) and math.isnan(v) for v in numbers.values())


def test_power_of_a_ramp():
    # 0 to 100 W in 10 s
    numbers = row(interval(gpu_power_w=lambda t: 10 * t))
    assert numbers["mean_gpu_power_w"] == pytest.approx(50)
    assert numbers["median_gpu_power_w"] == pytest.approx(50)
    assert numbers["max_gpu_power_w"] == pytest.approx(100)
    assert numbers["p95_gpu_power_w"] == pytest.approx(95, abs=1)
    assert numbers["gpu_energy_integral_j"] == pytest.approx(500)


def test_energy_is_the_counters_and_the_integral_stands_beside_it():
    numbers = row(interval(gpu_power_w=100.0, gpu_energy_j=(5000.0, 6020.0)))
    assert numbers["gpu_energy_j"] == numbers["gpu_energy_counter_j"] == 1020
    assert numbers["gpu_energy_integral_j"] == pytest.approx(1000)
    assert numbers["flags"] == ""


def test_energy_is_the_integral_where_there_is_no_counter():
    numbers = row(interval(gpu_power_w=100.0))
    assert numbers["gpu_energy_counter_j"] is None
    assert numbers["gpu_energy_j"] == pytest.approx(1000)


def test_the_integral_is_taken_over_instant_power_where_offered():
    found = row(interval(gpu_power_w=100.0, gpu_power_instant_w=90.0))
    assert found["gpu_energy_integral_j"] == pytest.approx(900)
    assert found["mean_gpu_power_w"] == pytest.approx(90)


def test_counter_and_integral_over_5_percent_apart_are_flagged():
    numbers = row(interval(gpu_power_w=100.0, gpu_energy_j=(0.0, 1060.0)))
    assert numbers["flags"] == "disagree"


def test_a_counter_that_went_back_is_flagged_and_the_integral_taken():
    numbers = row(interval(gpu_power_w=100.0, gpu_energy_j=(900.0, 10.0)))
    assert numbers["flags"] == "counter"
    assert numbers["gpu_energy_j"] == pytest.approx(1000)


def test_a_union_of_phases_adds_joules_and_weighs_watts_by_time():
    first = interval(10.0, gpu_power_w=100.0, gpu_energy_j=(0.0, 1000.0))
    second = interval(30.0, begin=200.0, gpu_power_w=20.0, gpu_energy_j=(0.0, 600.0))
    numbers = row(first, second)
    assert numbers["gpu_energy_j"] == 1600
    assert numbers["mean_gpu_power_w"] == pytest.approx(40)
    assert numbers["measured_time_s"] == 40
    assert numbers["gpu_energy_delay_js"] == 64000


def test_joules_per_sample_and_per_correct_answer():
    numbers = row(interval(gpu_energy_j=(0.0, 1000.0)), samples=500, correct=400)
    assert numbers["gpu_energy_per_sample_j"] == 2
    assert numbers["gpu_energy_per_correct_j"] == 2.5
    assert row(interval(gpu_energy_j=(0.0, 1000.0)))["gpu_energy_per_sample_j"] is None
    none_right = row(interval(gpu_energy_j=(0.0, 1.0)), samples=500, correct=0)
    assert none_right["gpu_energy_per_correct_j"] is None


def test_energy_above_idle_with_its_uncertainty():
    # idle: 20 W over 5 s; the phase: 100 W over 10 s; so 1000 − 200 J
    idle = interval(5.0, begin=50.0, gpu_energy_j=(0.0, 100.0))
    numbers = row(interval(gpu_energy_j=(100.0, 1100.0)), idle=[idle])
    assert numbers["gpu_idle_power_w"] == 20
    assert numbers["gpu_energy_above_idle_j"] == 800
    # counters of 0.1 s and 1 mJ: u² = ((P·0.1)² + 0.001²) / 6; the idle one doubled
    own, base = (math.sqrt(((p * 0.1) ** 2 + 1e-6) / 6) for p in (100, 20))
    assert numbers["gpu_energy_uncertainty_j"] == pytest.approx(own)
    above = numbers["gpu_energy_above_idle_uncertainty_j"]
    assert above == pytest.approx(math.hypot(own, 2 * base))


def test_how_long_energy_is_no_news():
    """The longest of what each reading takes: update periods, published window."""
    counted = interval(gpu_power_w=100.0, gpu_energy_j=(0.0, 1000.0))
    assert summary.news_s("gpu", [counted], FACTS) == 0.1
    averaged = FACTS | {"power_windows_s": {"gpu_power_w": 1.0}}
    assert summary.news_s("gpu", [counted], averaged) == 1.0
    slow = FACTS | {"energy_period_s": 2.0}
    assert summary.news_s("gpu", [counted], slow) == 2.0
    unknown = FACTS | {"power_period_s": None, "energy_period_s": None}
    assert summary.news_s("gpu", [counted], unknown) == summary.LONGEST_PERIOD_S
    assert summary.news_s("gpu", [interval()], FACTS) is None
    packages = interval(rapl_package_0_j=(0.0, 50.0))
    assert summary.news_s("cpu", [packages], FACTS) == 0.001
    assert summary.news_s("cpu", [interval()], FACTS) is None


def test_uncertainty_of_an_integral_comes_from_scatter():
    # ±10 W in turn, an update every 0.1 s: s = 10 W, n = 100
    numbers = row(
        interval(gpu_power_w=lambda t: 100 + 10 * np.sign(np.sin(31.4 * t + 1)))
    )
    assert numbers["gpu_energy_uncertainty_j"] == pytest.approx(10 * 1.0, rel=0.05)
    assert numbers["gpu_power_standard_error_w"] == pytest.approx(1.0, rel=0.05)


def test_energy_of_the_socket_and_above_idle():
    idle = interval(10.0, begin=50.0, rapl_package_0_j=(0.0, 80.0))
    numbers = row(
        interval(5.0, rapl_package_0_j=(80.0, 280.0)), idle=[idle], samples=100
    )
    assert numbers["cpu_energy_j"] == 200
    assert numbers["mean_cpu_power_w"] == 40
    assert numbers["cpu_energy_above_idle_j"] == 160
    assert numbers["cpu_energy_per_sample_j"] == 2
    assert numbers["dram_energy_j"] is None


def test_a_socket_counter_that_wraps_within_the_phase():
    part = interval(10.0, rapl_package_0_j=(900.0, 100.0))
    part.wraps["rapl_package_0_j"] = 1000.0
    assert row(part)["cpu_energy_j"] == 200


def test_a_phase_between_two_samples_has_its_counters_and_no_power():
    part = Interval(
        1.0,
        1.02,
        {"gpu_energy_j": 5.0, "gpu_power_w": 100.0, "cpu_time_s": 3.0, "rss_mib": 70.0},
        {
            "gpu_energy_j": 7.0,
            "gpu_power_w": 100.0,
            "cpu_time_s": 3.01,
            "rss_mib": 80.0,
        },
    )
    numbers = row(part)
    assert numbers["mean_gpu_power_w"] is None
    assert numbers["gpu_energy_j"] == 2
    assert numbers["cpu_time_s"] == pytest.approx(0.01)
    assert numbers["max_rss_mib"] == 80
    assert numbers["flags"] == "short"


def test_load_from_others_is_what_neither_we_nor_the_meter_used():
    # 2 cores, 10 s: 12 s busy, ours 10 s, the meter's 0.1 s: others used 0.19 cores
    columns = {"machine_busy_s": (100.0, 112.0), "meter_cpu_s": (0.0, 0.1)}
    numbers = row(interval(cpu_time_s=(0.0, 10.0), **columns))
    assert numbers["other_cpu_cores"] == pytest.approx(0.19)
    assert numbers["flags"] == ""
    assert row(interval(cpu_time_s=(0.0, 9.0), **columns))["flags"] == "loaded"


def test_who_is_measured_on_another_gpu_does_not_disturb_a_gpus_figures():
    # 20 s busy in 10 s, ours 10 s: others used 1 core of two, 0.9 of it neighbours
    columns = {"machine_busy_s": (0.0, 20.0), "meter_cpu_s": (0.0, 0.0)}
    part = interval(cpu_time_s=(0.0, 10.0), **columns)
    known = FACTS | {"neighbours": 3, "neighbour_cpu_cores": 0.9}
    on_gpu = summary.row([part], [], known | {"on_gpu": True})
    assert on_gpu["flags"] == ""  # 0.1 cores left: under a tenth of two
    assert (on_gpu["neighbours"], on_gpu["neighbour_cpu_cores"]) == (3, 0.9)
    assert on_gpu["other_cpu_cores"] == 1.0
    # of a run on the CPU they take what is measured
    assert summary.row([part], [], known | {"on_gpu": False})["flags"] == "loaded"
    # and whoever else takes part of the machine does so of a GPU's too
    less = known | {"on_gpu": True, "neighbour_cpu_cores": 0.7}
    assert summary.row([part], [], less)["flags"] == "loaded"


@pytest.mark.parametrize(
    ("columns", "flag"),
    [
        ({"gpu_other_processes": 1.0}, "shared"),
        ({"gpu_other_displays": 1.0}, "display"),
        ({"gpu_clock_events": 0x8}, "throttled"),
        ({"gpu_clock_events": 0x20}, "throttled"),
        ({"gpu_clock_events": 0x40}, "throttled"),
        ({"gpu_clock_events": 0x80}, "throttled"),
        ({"gpu_clock_events": 0x1 | 0x4}, ""),
        ({"gpu_sm_clock_mhz": lambda t: np.where(t < 9, 1500, 1300)}, "clock"),
        ({"gpu_sm_clock_mhz": lambda t: np.where(t < 9, 1500, 1400)}, ""),
        ({"swapped_mib": (5.0, 6.0)}, "swap"),
        ({"missed_ticks": lambda t: np.where(np.round(t) == 5, 2, 0)}, "missed"),
    ],
)
def test_flags(columns, flag):
    assert row(interval(**columns))["flags"] == flag


def test_every_flag_has_a_sentence():
    assert all(sentence for sentence in flags.FLAGS.values())


def test_share_of_time_under_the_power_cap():
    numbers = row(interval(gpu_clock_events=lambda t: np.where(t < 5, 0x4, 0)))
    assert numbers["gpu_power_capped_pct"] == pytest.approx(50, abs=1)


def test_recorder_columns_take_the_points_that_fell_into_the_phase():
    points = np.full(100, np.nan)
    points[[20, 60]] = 40.0, 60.0
    part = interval()
    part.samples["recorder_gpu_power_w"] = points
    found = row(part)
    assert found["recorder_gpu_power_w"] == 50
    assert found["recorder_points"] == 2
    assert row(interval())["recorder_gpu_power_w"] is None


def test_an_averaged_reading_has_fewer_independent_values():
    # a second's mean asked ten times a second for 10 s: 10 values, not 100
    noisy = interval(gpu_power_w=lambda t: 100 + 5 * np.sin(40 * t))
    windows = {"gpu_power_w": 1.0, "gpu_power_instant_w": 0.1}
    plain = summary.row([noisy], [], FACTS)
    windowed = summary.row([noisy], [], FACTS | {"power_windows_s": windows})
    ratio = windowed["gpu_power_standard_error_w"] / plain["gpu_power_standard_error_w"]
    assert ratio == pytest.approx(np.sqrt(10), rel=0.01)


def test_a_phase_within_ten_windows_is_short():
    windows = {"gpu_power_w": 2.0, "gpu_power_instant_w": 0.1}
    facts = FACTS | {"power_windows_s": windows}
    usual = interval(gpu_power_w=100.0)
    assert "short" in summary.row([usual], [], facts)["flags"]
    both = interval(gpu_power_w=100.0, gpu_power_instant_w=90.0)
    found = summary.row([both], [], facts)
    assert "short" not in found["flags"]
    assert found["mean_gpu_power_w"] == pytest.approx(90)


def test_peak_memory_is_the_kernels_mark():
    first, second = interval(rss_mib=70.0), interval(rss_mib=80.0)
    first.last["peak_rss_mib"], second.last["peak_rss_mib"] = 300.0, 120.0
    assert row(first, second)["max_rss_mib"] == 300
    del second.last["peak_rss_mib"]
    assert row(first, second)["max_rss_mib"] == 80


def test_the_idle_baseline_is_that_of_the_idle_phases():
    # 5 s at 20 W by the counter; 20 % of 8000 MiB
    idle = interval(
        5.0,
        gpu_energy_j=(0.0, 100.0),
        gpu_memory_pct=20.0,
        gpu_memory_total_mib=8000.0,
    )
    found = summary.baseline([idle], FACTS)
    assert found == {
        "flags": "",
        "mean_gpu_power_w": 20,
        "mean_gpu_memory_pct": pytest.approx(20),
        "gpu_memory_total_mib": pytest.approx(8000),
        "measured_time_s": 5,
    }
    assert summary.baseline([], FACTS) is None
