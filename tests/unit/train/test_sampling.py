"""A limited set: drawn by seed, stratified by class."""

import numpy as np
import pytest
import torch
from sklearn.model_selection import StratifiedShuffleSplit

import made_plans
from spikewatt.train import assembly, sampling

# MNIST's and N-MNIST's test sets.
COUNTS = np.array([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
IN_ORDER = np.repeat(np.arange(10), COUNTS)  # as N-MNIST lies


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def plan(**changes):
    return made_plans.plan("exp3", "snn_nmnist", **changes)


def test_a_thousand_of_a_set_in_the_order_of_its_labels_has_all_digits():
    indices = assembly.test_indices(IN_ORDER, plan(max_test_samples=1000), generator())
    assert len(set(indices.tolist())) == 1000 and (np.diff(indices) > 0).all()
    assert np.bincount(IN_ORDER[indices]).tolist() == [
        *(98, 114, 103, 101, 98, 89, 96, 103, 97, 101)
    ]


def test_it_is_drawn_by_seed_and_every_sample_has_its_chance():
    draws = [
        assembly.test_indices(IN_ORDER, plan(max_test_samples=500), generator(seed))
        for seed in (0, 0, *range(1, 60))
    ]
    assert np.array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])
    drawn = np.bincount(np.concatenate(draws[1:]), minlength=len(IN_ORDER))
    # 60 draws of 5 %: binomial, mean 3 and standard deviation 1.69
    assert drawn.mean() == pytest.approx(3)
    assert drawn.std() == pytest.approx(1.69, abs=0.1)


@pytest.mark.parametrize("limit", [37, 100, 1000, 9000])
def test_quotas_are_scikit_learns(limit):
    split = StratifiedShuffleSplit(1, train_size=limit, random_state=0)
    chosen, _ = next(split.split(np.zeros((len(IN_ORDER), 1)), IN_ORDER))
    expected = np.bincount(IN_ORDER[chosen])
    assert sampling.quotas(COUNTS, limit).tolist() == expected.tolist()


def test_quotas_by_hand():
    # shares 4.5, 3.6, 0.9, 0: the remainders .9 and .6 get the two that are left
    assert sampling.quotas(np.array([10, 8, 2, 0]), 9).tolist() == [4, 4, 1, 0]
    # shares 4.9, 0.05, 0.05: the largest gives one to each that would have none
    assert sampling.quotas(np.array([98, 1, 1]), 5).tolist() == [3, 1, 1]
    # no room for all three
    assert sampling.quotas(np.array([98, 1, 1]), 2).tolist() == [2, 0, 0]


@pytest.mark.parametrize("limit", [None, 10_000, 20_000])
def test_without_a_limit_the_test_set_is_taken_as_it_lies(limit):
    indices = assembly.test_indices(IN_ORDER, plan(max_test_samples=limit), generator())
    assert np.array_equal(indices, np.arange(10_000))


def test_an_unlimited_split_is_the_permutation_that_it_always_was():
    training, validation = assembly.split(IN_ORDER, plan(), generator())
    order = torch.randperm(10_000, generator=generator()).numpy()
    assert np.array_equal(np.concatenate([validation, training]), order)
    assert len(validation) == 2000


def test_limited_training_samples_are_stratified_and_in_drawn_order():
    training, validation = assembly.split(
        IN_ORDER, plan(max_train_samples=200), generator()
    )
    assert (len(training), len(validation)) == (160, 40)
    order = np.concatenate([validation, training])
    shares = np.bincount(IN_ORDER[order])
    assert shares.tolist() == sampling.quotas(COUNTS, 200).tolist()
    drawn = torch.randperm(10_000, generator=generator()).tolist()
    assert order.tolist() == sorted(order.tolist(), key=drawn.index)


def test_too_few_training_samples_are_refused():
    with pytest.raises(ValueError, match="1 training samples leave none"):
        assembly.split(np.zeros(1, int), plan(), generator())
