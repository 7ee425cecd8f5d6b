"""What runs were computed with: hardware and threads, recorded and no part of a run."""

ON_CPU = "cpu"


def conditions(run):
    """What a run was computed with, in words: «a CPU, 2 threads», «a GPU (cuda:0)».

    None where run.json does not say. The number of CPU threads is told only of runs on
    the CPU, whose times it decides. A run that went on under other conditions after a
    cut has them all, joined by «, then ».
    """
    used = (run.info or {}).get("conditions") or _of_old(run)
    if not used:
        return None
    parts = [*used.get("earlier", []), used]
    return ", then ".join(dict.fromkeys(map(_words, parts)))


def unlike_conditions(runs):
    """The sentence that runs of unlike hardware or threads stand side by side.

    None where all were computed alike, as far as their run.json says. Runs are named,
    the most usual conditions first: «… under unlike conditions: a CPU, 2 threads
    (exp1/ann/reference/seed0, …); a GPU (cuda:0) (…)».
    """
    alike = {}
    for run in runs:
        words = conditions(run)
        if words:
            alike.setdefault(words, []).append(run.name)
    if len(alike) < 2:
        return None
    groups = sorted(alike.items(), key=lambda item: -len(item[1]))
    told = "; ".join(f"{words} ({_names(names)})" for words, names in groups)
    return (
        "Runs of unlike hardware or threads stand side by side, so that times, memory "
        f"and energy are not to be compared: {told}."
    )


def _names(names, most=3):
    """Some names, and how many more there are."""
    rest = len(names) - most
    if rest <= 0:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {rest} more"


def _words(used):
    if used["device"] == ON_CPU:
        count = used["threads"]
        if count is None:
            return used["hardware"]
        return f"{used['hardware']}, {count} thread{'s' if count != 1 else ''}"
    return f"{used['hardware']} ({used['device']})"


def _of_old(run):
    """The same from `hardware`, all that runs of older versions have."""
    hardware = (run.info or {}).get("hardware") or {}
    name = hardware.get("gpu") or hardware.get("cpu")
    told = {"device", "threads_used"} & hardware.keys()
    if name is None or len(told) == 1:
        return None
    return {
        "device": hardware.get("device", ON_CPU),
        "hardware": name,
        "threads": hardware.get("threads_used"),
    }
