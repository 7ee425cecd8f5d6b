"""Which GPUs CUDA shows to a process, by CUDA_VISIBLE_DEVICES."""

import os

VARIABLE, ORDER = "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER"


def entries(environ=None):
    """The entries that name a device, in order; None where all devices are shown.

    CUDA takes what stands before the first entry that names none: «0,-1,1» shows one
    device, an empty value or «-1» shows none.
    """
    value = (os.environ if environ is None else environ).get(VARIABLE)
    if value is None:
        return None
    shown = []
    for entry in (part.strip() for part in value.split(",")):
        if not entry.isdigit() and not entry.startswith(("GPU-", "MIG-")):
            break
        shown.append(entry)
    return shown


def in_doubt(entry, count, environ=None):
    """Why a device that was named by its number may be another's, or None.

    CUDA counts devices from the fastest on, NVML by their PCI addresses; with one
    device, or a UUID, there is no doubt.
    """
    order = (os.environ if environ is None else environ).get(ORDER)
    if count < 2 or order == "PCI_BUS_ID" or not str(entry).isdigit():
        return None
    return (
        f"taken to be number {entry} in the order of PCI addresses; CUDA's own order "
        f"may be another: set {ORDER}=PCI_BUS_ID, or name the device by its UUID in "
        f"{VARIABLE}"
    )
