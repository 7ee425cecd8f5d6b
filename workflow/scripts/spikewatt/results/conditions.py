"""What runs were computed with, recorded and no part of a run.

Hardware, threads, and by which way the samples came.
"""

ON_CPU = "cpu"


def conditions(run):
    """What a run was computed with, in words: «a CPU, 2 threads», «a GPU (cuda:0)».

    None where run.json does not say. The number of CPU threads is told only of runs on
    the CPU, whose times it decides. A run that went on under other conditions after a
    cut has them all, joined by «, then ».
    """
    used = (run.info or {}).get("conditions") or _of_hardware(run.info or {})
    if not used:
        return None
    parts = [*used.get("earlier", []), used]
    return ", then ".join(dict.fromkeys(map(_words, parts)))


def device_of(facts):
    """What a stage computed on as torch calls it, «cpu», «cuda:0»; «cpu» if not told.

    facts: run.json or test.json.
    """
    return str((facts.get("conditions") or {}).get("device", ON_CPU))


def hardware(info):
    """The name of what computed, from run.json or test.json; None where none is told.

    Where a part of it was computed on other hardware, all of them: «A, then B».
    """
    used = info.get("conditions") or _of_hardware(info)
    if not used:
        return None
    names = [part.get("hardware") for part in (*used.get("earlier", []), used)]
    return ", then ".join(dict.fromkeys(filter(None, names))) or None


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


def unlike_loading(runs):
    """The sentence that runs whose samples came by unlike ways stand side by side.

    None where all came alike, as far as run.json says. The fast stack has one way of
    its own, and is passed over.
    """
    by_way = {}
    for run in runs:
        way = loading(run)
        if way:
            by_way.setdefault(way, []).append(run.name)
    if len(by_way) < 2:
        return None
    told = "; ".join(f"{way} ({_names(names)})" for way, names in by_way.items())
    return (
        "Samples came by unlike ways (`loading`), so that times and energy are not to "
        f"be compared, only what is left without loading: {told}."
    )


def loading(run):
    """By which way a run's samples came: «library», «prepared»; None if none is said.

    A run that went on by another way after a cut has both: «library, then prepared».
    """
    used = (run.info or {}).get("conditions") or {}
    ways = [part.get("loading") for part in (*used.get("earlier", []), used)]
    return ", then ".join(dict.fromkeys(filter(None, ways))) or None


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


def _of_hardware(info):
    """Conditions from `hardware`, all that runs of older versions have."""
    known = info.get("hardware") or {}
    name = known.get("gpu") or known.get("cpu")
    told = {"device", "threads_used"} & known.keys()
    if name is None or len(told) == 1:
        return None
    return {
        "device": known.get("device", ON_CPU),
        "hardware": name,
        "threads": known.get("threads_used"),
    }
