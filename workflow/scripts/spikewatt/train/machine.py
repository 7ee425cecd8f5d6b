"""The machine that a run uses: its device, and what to record of it."""

import importlib.metadata
import os
import platform
from dataclasses import dataclass
from pathlib import Path

import psutil
import torch

RECORDED = (
    *("torch", "torchvision", "snntorch", "numpy", "numba", "triton"),
    *("safetensors", "tonic"),
)


@dataclass(frozen=True)
class Conditions:
    """What a run is computed with, as the config asks for it.

    It decides how long a run takes and no more: recorded, and no part of what makes a
    run. device: auto, cpu, cuda, cuda:<n> or mps; threads: of the CPU, or auto;
    loading: by which way the reference stack's samples come, library or prepared;
    measured_jobs: how many runs are measured at once, each on its own GPU, which share
    the cores.
    """

    device: str = "auto"
    threads: int | str = "auto"
    loading: str = "prepared"
    measured_jobs: int = 1

    @classmethod
    def of_config(cls, config, measured_jobs=1):
        """Those that a config asks for."""
        asked = (config[key] for key in ("device", "threads", "loading"))
        return cls(*asked, measured_jobs)


def pick_device(wish):
    """The `torch.device` for the config's `device`: auto, cpu, cuda, cuda:<n> or mps.

    A ROCm build of torch calls AMD's GPUs cuda. Raises ValueError where a GPU is asked
    for and torch sees none.
    """
    has_cuda = torch.cuda.is_available()
    if wish == "auto":
        wish = "cuda" if has_cuda else "cpu"
    if wish.startswith("cuda") and not has_cuda:
        raise ValueError(
            f"device: {wish} in the config, but torch finds no CUDA device; "
            "use device: auto or cpu, or install a CUDA build of torch"
        )
    if wish == "mps" and not torch.backends.mps.is_available():
        raise ValueError(
            "device: mps in the config, but torch finds no GPU of Apple's; use device: "
            "auto or cpu"
        )
    return torch.device("cuda:0" if wish == "cuda" else wish)


def prepare(plan, conditions):
    """Set threads and determinism for a run of `plan`; returns its device.

    conditions: `Conditions`, which are no part of the plan. Raises ValueError where the
    device cannot do what the plan asks for.
    """
    torch.set_num_threads(threads(conditions.threads, conditions.measured_jobs))
    device = pick_device(conditions.device)
    if plan["precision"] is not None:  # that of the reference stack is no setting
        from spikewatt.stack import precision

        precision.check(plan["precision"], device)
    # On a GPU determinism costs time, and the time is what is measured there.
    # As torch.use_deterministic_algorithms, which also loads torch's compiler: 2 s.
    torch.set_deterministic_debug_mode("warn" if device.type == "cpu" else "default")
    return device


def threads(wish, measured_jobs=1):
    """The number of CPU threads for the config's `threads`.

    auto is every core, or an equal share of them where several jobs run at once; in a
    step of Slurm's those that it was given, which not every cluster holds it to.
    """
    if wish != "auto":
        return wish
    cores, given = len(os.sched_getaffinity(0)), os.environ.get("SLURM_CPUS_PER_TASK")
    if given and given.isdigit():
        cores = min(cores, int(given))
    return max(1, cores // measured_jobs)


def synchronise(device):
    """A function that waits until the device has done all work given to it."""
    if device.type == "cuda":
        return lambda: torch.cuda.synchronize(device)
    if device.type == "mps":
        return torch.mps.synchronize
    return None


def device_uuid(device):
    """The UUID by which NVML knows the device, or None for the CPU."""
    if device.type != "cuda":
        return None
    uuid = str(torch.cuda.get_device_properties(device).uuid)
    return uuid if uuid.startswith(("GPU-", "MIG-")) else f"GPU-{uuid}"


def used(device, loading=None):
    """The conditions as they are, for `run.json`: what auto came to.

    loading: see `loading.of_stack`; left out where it is None.
    """
    by_which_way = {} if loading is None else {"loading": loading}
    uuid = device_uuid(device)
    return (
        by_which_way
        | ({} if uuid is None else {"uuid": uuid})
        | {
            "device": str(device),
            "hardware": hardware(device)["gpu"] or _cpu_name(),
            "threads": torch.get_num_threads(),
        }
    )


def hardware(device):
    """What to record of the machine, for `run.json`."""
    gpu = torch.cuda.get_device_name(device) if device.type == "cuda" else None
    gpu = f"GPU of {_cpu_name()}" if device.type == "mps" else gpu
    return {
        "cpu": _cpu_name(),
        "cores": psutil.cpu_count(),
        "threads_used": torch.get_num_threads(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "gpu": gpu,
        "device": str(device),
        "system": platform.platform(),
    }


def versions():
    """Versions of Python and the libraries that decide a result."""
    recorded = {"python": platform.python_version(), "cuda": torch.version.cuda}
    for name in RECORDED:
        try:
            recorded[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            recorded[name] = None
    return recorded


def _cpu_name():
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
