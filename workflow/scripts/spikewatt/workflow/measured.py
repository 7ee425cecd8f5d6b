"""How measured jobs share a machine: how many run at once, and the cores of each."""


def at_once(limit, gpus):
    """How many measured jobs run side by side: one a GPU, and one where there is none.

    limit: that of `--resources gpu=<n>`, None where there is none; gpus: how many there
    are to choose from.
    """
    return max(1, min(limit or 1, gpus))


def cores(all_cores, threads, jobs):
    """The cores that a measured job claims, of `all_cores`.

    All of them, so that no figure is drawn beside it; of several `jobs` at once each
    has an equal share, or the config's `threads` where that is a larger number.
    """
    share = max(1, all_cores // jobs)
    wanted = threads if jobs > 1 and isinstance(threads, int) else 1
    return min(all_cores, max(share, wanted))
