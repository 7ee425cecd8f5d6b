"""Where runs of unlike hardware or threads stand side by side, it is said."""

from pathlib import Path

from spikewatt.results import runs
from spikewatt.results.conditions import (
    conditions,
    loading,
    unlike_conditions,
    unlike_loading,
)


def run_of(seed=0, **used):
    info = {"conditions": used} if used else {}
    return runs.Run("exp1", "snn", "fast", seed, "SNN", Path("x"), info=info)


def on_cpu(seed=0, threads=2, **more):
    return run_of(seed, device="cpu", hardware="a CPU", threads=threads, **more)


def on_gpu(seed=0, threads=8):
    return run_of(seed, device="cuda:0", hardware="a GPU", threads=threads)


def test_what_is_alike_has_no_note():
    assert unlike_conditions([on_cpu(0), on_cpu(1)]) is None
    assert unlike_conditions([on_cpu(0), run_of(1)]) is None  # it does not say
    assert unlike_conditions([]) is None


def test_threads_matter_on_the_cpu_alone():
    assert unlike_conditions([on_gpu(0, 1), on_gpu(1, 8)]) is None
    assert unlike_conditions([on_cpu(0, 1), on_cpu(1), on_cpu(2)]) == (
        "Runs of unlike hardware or threads stand side by side, so that times, memory "
        "and energy are not to be compared: a CPU, 2 threads (exp1/snn/fast/seed1, "
        "exp1/snn/fast/seed2); a CPU, 1 thread (exp1/snn/fast/seed0)."
    )


def test_hardware_and_many_runs():
    note = unlike_conditions([on_gpu(9), *map(on_cpu, range(5))])
    assert (
        "(exp1/snn/fast/seed0, exp1/snn/fast/seed1, exp1/snn/fast/seed2 and 2" in note
    )
    assert note.endswith("a GPU (cuda:0) (exp1/snn/fast/seed9).")


def test_a_run_that_went_on_elsewhere_tells_both():
    earlier = [{"device": "cpu", "hardware": "a CPU", "threads": 4}]
    assert (
        conditions(on_cpu(earlier=earlier)) == "a CPU, 4 threads, then a CPU, 2 threads"
    )


def test_runs_of_older_versions_tell_it_by_their_hardware():
    old = run_of()
    old.info = {"hardware": {"cpu": "a CPU", "gpu": None, "device": "cpu"}}
    assert conditions(old) is None
    old.info["hardware"]["threads_used"] = 1
    assert conditions(old) == "a CPU, 1 thread"


def test_runs_that_loaded_by_unlike_ways_are_named_and_the_fast_stack_passed_over():
    alike = [on_cpu(0, loading="library"), on_cpu(1, loading="library"), on_cpu(2)]
    assert unlike_loading(alike) is None and loading(alike[2]) is None
    note = unlike_loading([*alike, on_cpu(3, loading="prepared")])
    assert "library (exp1/snn/fast/seed0, exp1/snn/fast/seed1); prepared (exp" in note
    assert "without loading" in note
    assert unlike_conditions([*alike, on_cpu(3, loading="prepared")]) is None


def test_a_run_that_went_on_by_another_way_tells_both():
    earlier = [
        {"device": "cpu", "hardware": "a CPU", "threads": 2, "loading": "library"}
    ]
    run = on_cpu(loading="prepared", earlier=earlier)
    assert loading(run) == "library, then prepared"
    assert conditions(run) == "a CPU, 2 threads"
