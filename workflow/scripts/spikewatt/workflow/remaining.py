"""How long a run of the workflow still takes, from the jobs that are done."""

from statistics import fmean

# Rules with many jobs alike; every other rule makes one table, figure or page.
ALIKE = ("train", "test", "prepare", "download", "local_archive", "sample_archive")
PAGE = "table or figure"


def family(rule):
    """Jobs of one family take a like time."""
    return rule if rule in ALIKE else PAGE


class Remaining:
    """Told of jobs that start and end; times are seconds on any one clock.

    counts: {rule: jobs}, as Snakemake's statistics have them, «total» too.
    """

    def __init__(self, counts, begin):
        self.begin, self.left, self.took, self.running = begin, {}, {}, {}
        for rule, count in counts.items():
            if rule != "total":
                self.left[family(rule)] = self.left.get(family(rule), 0) + count

    def starts(self, job, rule, now):
        self.running[job] = (family(rule), now)

    def ends(self, job, now):
        if job not in self.running:  # a target, which runs nothing
            return
        kind, since = self.running.pop(job)
        self.took.setdefault(kind, []).append(now - since)
        self.left[kind] = self.left.get(kind, 1) - 1

    def estimate(self, now):
        """(seconds left, whether that is all); None before the first job has ended.

        A family that has no job done yet counts nothing, and it is not all then. What
        ran at once so far is taken to do so further on.
        """
        if not self.took:
            return None
        known = {kind: fmean(times) for kind, times in self.took.items()}
        work = sum(
            count * known[kind] for kind, count in self.left.items() if kind in known
        )
        for kind, since in self.running.values():
            work -= min(now - since, known.get(kind, 0.0))
        busy = sum(map(sum, self.took.values()))
        busy += sum(now - since for _, since in self.running.values())
        at_once = max(1.0, busy / (now - self.begin)) if now > self.begin else 1.0
        whole = all(kind in known for kind, count in self.left.items() if count > 0)
        return max(0.0, work) / at_once, whole
