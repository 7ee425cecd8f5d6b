"""Who uses a GPU: our processes' memory, and everybody else."""

import os

MIB = 2**20
# Inode of the first PID namespace (PROC_PID_INIT_INO in the kernel): in any other,
# NVML's process numbers are not ours.
FIRST_NAMESPACE = "pid:[4026531836]"

COLUMNS = (
    "gpu_process_memory_mib",
    "gpu_other_processes",
    "gpu_other_displays",
    "gpu_other_pids",
)


def processes(nvml, handle, own):
    """Readings of the processes on a device; `own` are the measured ones' numbers."""
    compute = _listed(nvml, handle, "Compute")
    graphics = _listed(nvml, handle, "Graphics")
    ours, others = _split(compute, own)
    drawing = {pid for pid in graphics if pid not in own and pid not in compute}
    memory = [compute[pid] for pid in ours if compute[pid] is not None]
    return {
        "gpu_process_memory_mib": sum(memory) / MIB if memory else None,
        "gpu_other_processes": len(others),
        "gpu_other_displays": len(drawing),
        "gpu_other_pids": " ".join(map(str, sorted(others | drawing))),
    }


def _split(compute, own):
    """Which of the processes are ours, which are not.

    In a container the numbers come from outside, so nothing can be matched: one
    process alone is then taken for ours, and with several the first is.
    """
    ours = compute.keys() & own
    if not ours and not same_namespace():
        ours = set(list(compute)[:1])
    return ours, compute.keys() - ours


def same_namespace():
    """Whether process numbers here are those of the driver."""
    try:
        return os.readlink("/proc/self/ns/pid") == FIRST_NAMESPACE
    except OSError:
        return True


def _listed(nvml, handle, kind):
    """{pid: bytes or None}."""
    try:
        listed = getattr(nvml, f"nvmlDeviceGet{kind}RunningProcesses_v3")(handle)
    except nvml.NVMLError_FunctionNotFound:  # a driver older than 510
        listed = getattr(nvml, f"nvmlDeviceGet{kind}RunningProcesses_v2")(handle)
    return {process.pid: process.usedGpuMemory for process in listed}
