"""Keyed random streams: what they depend on, and what they leave alone."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from rise.utils.rng import numpy_stream, seed_of, uniforms
from rise.utils.torch_rng import global_stream, torch_stream

IDS = st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=20)


def test_seeds_are_pinned():
    """Changing the derivation would change every result: this value must not move."""
    assert seed_of("order", 0, 1) == 6948624756589500242


def test_purpose_and_each_part_of_the_key_matter():
    seeds = [seed_of("a"), seed_of("b"), seed_of("a", 0), seed_of("a", 0, 1), seed_of("a", 1, 0)]
    assert len(set(seeds)) == len(seeds)
    assert seed_of("a", 1) != seed_of("a", "1")


def test_same_key_same_draws():
    assert numpy_stream("x", 3).random(4).tolist() == numpy_stream("x", 3).random(4).tolist()
    first, second = (torch.rand(4, generator=torch_stream("x", 3)) for _ in range(2))
    assert torch.equal(first, second)


def test_the_global_generator_is_left_as_it_was():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    with global_stream("step", 1, 2):
        inside = torch.rand(3)
    with global_stream("step", 1, 2):
        assert torch.equal(torch.rand(3), inside)
    assert torch.equal(torch.rand(3), expected)


@given(ids=IDS, counter=st.integers(0, 1000))
def test_a_draw_depends_on_its_own_id_alone(ids, counter):
    array = np.array(ids, dtype=np.uint64)
    together = uniforms(array, counter, 5)
    alone = np.concatenate([uniforms(array[k : k + 1], counter, 5) for k in range(len(ids))])
    listed = uniforms(array, np.full(len(ids), counter), 5)
    assert np.array_equal(together, alone)
    assert np.array_equal(together, listed)
    assert together.min() >= 0
    assert together.max() < 1


def test_draws_are_uniform_and_unrelated():
    draws = uniforms(np.arange(20_000, dtype=np.uint64), 3, 4)
    assert abs(draws.mean() - 0.5) < 0.01
    assert abs(draws.std() - 12**-0.5) < 0.01
    assert np.abs(np.corrcoef(draws.T) - np.eye(4)).max() < 0.03
    other = uniforms(np.arange(20_000, dtype=np.uint64), 4, 4)
    assert abs(np.corrcoef(draws[:, 0], other[:, 0])[0, 1]) < 0.03
