"""What the meter as a tool says on the screen; the rest stays in its files."""

# What people ask of a command, where it was measured, in words.
SHOWN = {
    "measured_time_s": ("time", "s"),
    "cpu_time_s": ("CPU time", "s"),
    "max_rss_mib": ("memory, highest", "MiB"),
    "mean_cpu_power_w": ("CPU power, mean", "W"),
    "cpu_energy_j": ("CPU energy", "J"),
    "cpu_energy_above_idle_j": ("CPU energy above idle", "J"),
    "mean_gpu_power_w": ("GPU power, mean", "W"),
    "gpu_energy_j": ("GPU energy", "J"),
    "gpu_energy_uncertainty_j": ("  its uncertainty", "J"),
    "gpu_energy_above_idle_j": ("GPU energy above idle", "J"),
    "mean_gpu_memory_pct": ("GPU memory, mean", "%"),
    "max_gpu_memory_pct": ("GPU memory, highest", "%"),
}
# What a backend that is not here would have measured.
LACKING = {
    "nvml": "power, energy and memory of a GPU",
    "amd": "power, energy and memory of an AMD GPU",
    "apple": "energy of an Apple chip's GPU and CPU",
    "jetson": "power of a Jetson's GPU",
    "rapl": "power and energy of the CPU",
}
WIDTH = 24


def summary(command, status, row, described, prefix, others=(), boards=()):
    """The measured numbers as text, and in words what was not measured and why.

    row: of `summary.row`; described: of `Meter.describe`; prefix: of the files; others:
    of `Meter.others`; boards: of `Meter.boards`.
    """
    from spikewatt.meter.flags import told

    lines = [f"spikewatt.meter: {' '.join(command)} (exit status {status})"]
    for name, (words, unit) in SHOWN.items():
        if isinstance(row.get(name), int | float):
            lines.append(f"  {words:<{WIDTH}} {row[name]:10.4g} {unit}")
    lines += device(described["device"])
    lines += [board(facts) for facts in boards]
    lines += [f"  flag {word}: {told(word, others)}" for word in row["flags"].split()]
    for key, why in described["unavailable"].items():
        lines.append(f"  not measured: {LACKING.get(key, key)}: {why}")
    lines.append(f"  All columns: {prefix}_summary.csv (see docs/METER.md)")
    return "\n".join(lines)


def board(facts):
    """One of several boards, as a line."""
    units = {"mean_gpu_power_w": "W", "gpu_energy_j": "J"}
    numbers = [
        f"{facts[name]:.4g} {unit}" if facts[name] is not None else "— " + unit
        for name, unit in units.items()
    ]
    return f"    {facts['uuid']}: {', '.join(numbers)}"


def device(facts):
    """Which GPU was measured, and what is in doubt about it, as lines."""
    if not facts.get("uuid"):
        return []
    lines = [f"  {'GPU':<{WIDTH}} {facts.get('name') or ''} {facts['uuid']}"]
    return lines + [f"  {facts['doubt']}"] * bool(facts.get("doubt"))
