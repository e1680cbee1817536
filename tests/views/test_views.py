"""Views are pure functions of image and index."""

import numpy as np
import pytest
import torch

from rise.errors import ConfigError
from rise.utils.rng import numpy_stream
from rise.views._policies import resize, views


@pytest.fixture
def images():
    return numpy_stream("test images").integers(0, 256, (9, 64, 64, 3), dtype=np.uint8)


KEYS = np.arange(9, dtype=np.uint64) * np.uint64(0x123456789ABCDEF)


def test_alone_in_a_batch_or_shuffled_a_view_has_the_same_bytes(images):
    together = views(resize(images, 32), KEYS, 4, "emoji")
    order = np.array([3, 8, 0, 7, 1, 2, 6, 5, 4])
    shuffled = views(resize(images[order], 32), KEYS[order], np.full(9, 4), "emoji")
    assert torch.equal(shuffled, together[order])
    for at in range(9):
        one = views(resize(images[at : at + 1], 32), KEYS[at : at + 1], 4, "emoji")
        assert torch.equal(one[0], together[at])


def test_views_of_one_image_differ(images):
    seen = {
        views(resize(images[:1], 32), KEYS[:1], k, "emoji").numpy().tobytes() for k in range(30)
    }
    assert len(seen) == 30


def test_mixed_indices_equal_separate_ones(images):
    index = np.arange(9) % 3
    mixed = views(resize(images, 32), KEYS, index, "emoji")
    for k in range(3):
        assert torch.equal(
            mixed[index == k], views(resize(images, 32), KEYS, k, "emoji")[index == k]
        )


def test_white_background_stays_white():
    white = np.full((4, 64, 64, 3), 255, dtype=np.uint8)
    for k in range(20):
        assert views(resize(white, 32), KEYS[:4], k, "emoji").min() == 1


def test_values_are_steps_of_one_255th_in_range(images):
    x = views(resize(images, 32), KEYS, 1, "emoji")
    assert x.shape == (9, 3, 32, 32)
    assert x.dtype == torch.float32
    assert 0 <= x.min() < x.max() <= 1
    assert torch.allclose((x * 255).round(), x * 255, atol=1e-4)


def test_resize_is_the_area_average():
    image = np.zeros((1, 4, 4, 3), dtype=np.uint8)
    image[0, :2, :2] = [[[4], [8]], [[12], [16]]]
    x = resize(image, 2)
    assert x[0, :, 0, 0].tolist() == pytest.approx([10 / 255] * 3)
    assert x[0, :, 1, 1].tolist() == [0, 0, 0]


def test_unknown_policy_names_the_known_ones(images):
    with pytest.raises(ConfigError, match=r"there is no view policy 'emojy' in rise/views"):
        views(resize(images, 32), KEYS, 0, "emojy")


def test_small_images_are_not_enlarged():
    image = np.zeros((1, 4, 4, 3), dtype=np.uint8)
    with pytest.raises(ConfigError, match="images of 4 px cannot be averaged to 8 px; set image_s"):
        resize(image, 8)
