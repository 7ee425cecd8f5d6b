"""A part of a data set that stands for the whole: drawn, and stratified by class.

The first samples would not do. N-MNIST lies in the order of its labels: the first
thousand of its test set are 980 zeros and 20 ones.
"""

import numpy as np
import torch


def limited(labels, limit, generator):
    """All indices of `labels` in an order drawn from `generator`, or `limit` of them.

    labels: N class numbers, 0 or more; limit: None for all. Of each class as many are
    kept as its share of the set asks for, and none that occurs is left out as long as
    there is room for all. Returns int64, min(N, limit).
    """
    labels = np.asarray(labels)
    order = torch.randperm(len(labels), generator=generator).numpy()
    if not limit or limit >= len(labels):
        return order
    left = quotas(np.bincount(labels), limit)
    kept = []
    for index in order:
        if left[labels[index]]:
            left[labels[index]] -= 1
            kept.append(index)
    return np.array(kept, np.int64)


def validating(count, plan):
    """How many of `count` training samples validate: the plan's share, at least one."""
    return max(1, round(count * plan["validation_fraction"]))


def quotas(counts, limit):
    """How many samples of each class a stratified draw of `limit` takes, int64.

    counts: samples of each class, more than `limit` together. Shares are rounded by
    the largest remainder, a tie goes to the lower class; a class that would come to
    nothing takes its one from the largest quota.
    """
    share = limit * counts / counts.sum()
    taken = np.floor(share).astype(np.int64)
    by_remainder = np.argsort(taken - share, kind="stable")
    taken[by_remainder[: limit - taken.sum()]] += 1
    if limit >= np.count_nonzero(counts):
        for absent in np.flatnonzero((taken == 0) & (counts > 0)):
            taken[np.argmax(taken)] -= 1
            taken[absent] = 1
    return taken
