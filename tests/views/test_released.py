"""The released policy: each step is torchvision's, each draw has torchvision's distribution."""

import math

import numpy as np
import pytest
import torch
from PIL import Image

from rise.errors import ConfigError
from rise.utils.rng import numpy_stream, uniforms
from rise.views._plain import scaled
from rise.views._policies import photo_views, photos
from rise.views.released import DRAWS, STEPS, apply, draw, grey

N = 4000
SIZES = [(40, 57), (64, 48), (51, 51), (227, 227), (96, 33)]
KEYS = np.arange(1, 6, dtype=np.uint64) * np.uint64(0x123456789ABCDEF)


@pytest.fixture(scope="module")
def images():
    """Smooth pictures with some noise, of differing sizes."""
    pictures = []
    for at, (height, width) in enumerate(SIZES):
        stream = numpy_stream("photos", at)
        small = Image.fromarray(stream.integers(0, 256, (6, 6, 3), dtype=np.uint8))
        noise = stream.integers(0, 16, (height, width, 3), dtype=np.uint8)
        pictures.append(np.array(small.resize((width, height), Image.Resampling.BICUBIC)) // 17 * 16
                        + noise)  # fmt: skip
    return pictures


@pytest.fixture(scope="module")
def draws():
    keys = numpy_stream("keys").integers(0, 2**63, N).astype(np.uint64)
    return [draw(u, 227, 300) for u in uniforms(keys, 3, DRAWS)]


def test_alone_in_a_batch_or_shuffled_a_view_has_the_same_bytes(images):
    together = photo_views(images, KEYS, 4, "released", 32)
    assert together.shape == (5, 3, 32, 32)
    assert together.dtype == torch.float32
    assert 0 <= together.min() < together.max() <= 1
    order = [3, 0, 4, 2, 1]
    index = np.array([4, 9, 4, 4, 4])
    shuffled = photo_views([images[k] for k in order], KEYS[order], index, "released", 32)
    for at, k in enumerate(order):
        alone = photo_views([images[k]], KEYS[k : k + 1], int(index[at]), "released", 32)[0]
        assert torch.equal(alone, shuffled[at])
        assert torch.equal(alone, together[k]) == (index[at] == 4)


def test_the_number_of_threads_changes_no_byte(images):
    """At 224 px torch splits a sum among its threads; a worker process has one of them."""
    many, keys = images * 2, np.arange(1, 11, dtype=np.uint64)
    before = torch.get_num_threads()
    found = []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            found.append(photo_views(many, keys, 0, "released", 224))
    finally:
        torch.set_num_threads(before)
    assert all(torch.equal(found[0], other) for other in found[1:])


def test_the_images_are_not_written_to_and_may_be_read_only(images):
    image = images[0].copy()
    image.flags.writeable = False
    photo_views([image], KEYS[:1], 0, "released", 32)
    assert np.array_equal(image, images[0])


@pytest.mark.parametrize("factor", [0.6, 0.83, 1.0, 1.27, 1.4])
@pytest.mark.parametrize("step", range(4))
def test_every_colour_step_is_torchvision_s(images, step, factor):
    from torchvision.transforms.v2 import functional as V

    x = scaled(images[2], 48)
    theirs = (V.adjust_brightness, V.adjust_contrast, V.adjust_saturation, V.adjust_hue)[step]
    value = factor - 1 if step == 3 else factor
    found = STEPS[step](x, value)
    assert torch.allclose(found, theirs(x, value), atol=2e-6)
    if factor != 1:
        assert (found - x).abs().max() > 0.02


def test_pure_colours_and_greys_turn_as_in_torchvision():
    from torchvision.transforms.v2 import functional as V

    levels = torch.tensor([0.0, 0.5, 1.0])
    x = torch.cartesian_prod(levels, levels, levels).T.reshape(3, 3, 9).contiguous()
    for turn in (-0.4, -1 / 6, 0.0, 0.25, 0.4):
        assert torch.allclose(STEPS[3](x, turn), V.adjust_hue(x, turn), atol=2e-6)
    assert torch.allclose(STEPS[3](torch.tensor([[[1.0]], [[0.0]], [[0.0]]]), 1 / 3).flatten(),
                          torch.tensor([0.0, 1.0, 0.0]), atol=1e-6)  # fmt: skip


def test_grey_is_torchvision_s(images):
    from torchvision.transforms.v2 import functional as V

    x = scaled(images[1], 32)
    assert torch.allclose(grey(x), V.rgb_to_grayscale(x), atol=1e-6)


@pytest.mark.parametrize("at", range(5))
def test_crop_and_resize_are_pil_s(images, at):
    """Bilinear with antialiasing, one step of 255 apart at most."""
    from torchvision.transforms import functional as T

    height, width = SIZES[at]
    box = (height // 9, width // 7, height // 2, width - width // 7)
    theirs = T.resized_crop(
        Image.fromarray(images[at]), *box, [32, 32], T.InterpolationMode.BILINEAR
    )
    top, left, h, w = box
    found = scaled(images[at][top : top + h, left : left + w], 32) * 255
    assert np.abs(found.permute(1, 2, 0).numpy() - np.asarray(theirs)).max() <= 1.001


def test_a_whole_view_is_torchvision_s_with_the_same_parameters(images):
    from torchvision.transforms.v2 import functional as V

    flipped, greyed = set(), set()
    for u in uniforms(np.arange(60, dtype=np.uint64), 0, DRAWS):
        drawn = draw(u, *SIZES[3])
        x = torch.from_numpy(images[3]).permute(2, 0, 1)
        x = V.resized_crop(x, *drawn.crop, [32, 32], antialias=True).float() / 255
        x = V.horizontal_flip(x) if drawn.flip else x
        steps = (V.adjust_brightness, V.adjust_contrast, V.adjust_saturation, V.adjust_hue)
        for step in drawn.order:
            x = steps[step](x, drawn.factors[step])
        x = V.rgb_to_grayscale(x, 3) if drawn.grey else x
        # A hue of nearly grey pixels is lost in rounding, and so is a part of a step of 255.
        assert torch.allclose(apply(images[3], drawn, 32), x, atol=1e-4)
        flipped.add(drawn.flip)
        greyed.add(drawn.grey)
    assert flipped == greyed == {True, False}


def test_draws_are_distributed_as_torchvision_s(draws):
    """Kolmogorov-Smirnov against torchvision's own get_params on the same image size."""
    from scipy.stats import ks_2samp
    from torchvision.transforms import ColorJitter, RandomResizedCrop

    image = torch.zeros(3, 227, 300)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        crops = [RandomResizedCrop.get_params(image, [0.8, 1], [3 / 4, 4 / 3]) for _ in range(N)]
        jitter = [
            ColorJitter.get_params((0.6, 1.4), (0.6, 1.4), (0.6, 1.4), (-0.4, 0.4))
            for _ in range(N)
        ]
    for side in range(4):
        ours = [d.crop[side] for d in draws]
        assert ks_2samp(ours, [c[side] for c in crops]).pvalue > 1e-3
    for step in range(4):
        ours = [d.factors[step] for d in draws]
        assert ks_2samp(ours, [j[1 + step] for j in jitter]).pvalue > 1e-3


def test_orders_are_uniform_flips_half_and_greys_a_tenth(draws):
    orders, counts = np.unique([d.order for d in draws], axis=0, return_counts=True)
    assert len(orders) == 24
    assert ((counts - N / 24) ** 2 / (N / 24)).sum() < 50  # chi-square, 23 degrees: p = .001
    assert abs(np.mean([d.flip for d in draws]) - 0.5) < 4 * math.sqrt(0.25 / N)
    assert abs(np.mean([d.grey for d in draws]) - 0.1) < 4 * math.sqrt(0.09 / N)


def test_draws_are_independent_of_one_another(draws):
    columns = [[d.crop[0], d.flip, d.grey, *d.factors, *d.order[:3]] for d in draws]
    related = np.corrcoef(np.array(columns, dtype=float).T)
    related[-3:, -3:] = 0  # places in one order exclude each other
    assert np.abs(related - np.diag(np.diag(related))).max() < 0.07


@pytest.mark.parametrize(("height", "width"), [(10, 100), (100, 10)])
def test_an_image_too_long_for_any_box_gets_torchvision_s_central_one(height, width):
    from torchvision.transforms import RandomResizedCrop

    theirs = RandomResizedCrop.get_params(torch.zeros(3, height, width), [0.8, 1], [3 / 4, 4 / 3])
    for u in uniforms(KEYS, 0, DRAWS):
        assert draw(u, height, width).crop == theirs


def test_the_same_view_shows_the_same_part_at_any_size(images):
    small, large = (photo_views(images[3:4], KEYS[:1], 2, "released", s)[0] for s in (24, 96))
    pooled = torch.nn.functional.avg_pool2d(large, 4)
    assert (pooled - small).abs().mean() < 0.02


def test_plain_images_fill_the_square_and_none_is_the_plain_image(images):
    x = photos(images, 32)
    assert torch.equal(photo_views(images, KEYS, 7, "none", 32), x)
    theirs = Image.fromarray(images[0]).resize((32, 32), Image.Resampling.BILINEAR)
    assert np.abs(x[0].permute(1, 2, 0).numpy() * 255 - np.asarray(theirs)).max() <= 1.001


def test_unknown_policy_names_the_known_ones(images):
    with pytest.raises(ConfigError, match=r"there is no view policy 'releesed' in rise/views"):
        photo_views(images, KEYS, 0, "releesed", 32)
