"""How the teacher is fed: normalisation, and the student's views or plain images."""

from pathlib import Path

import numpy as np
import pytest
import torch

from rise.config.load import parse
from rise.datasets.decoded import open_decoded
from rise.errors import ConfigError
from rise.experiment.identity import TowerIdentity
from rise.teachers.build_embedding_cache import build_cache
from rise.teachers.clip_model import normalise
from rise.teachers.embedding_cache import open_cache, read_cache
from rise.teachers.load import load_teacher
from rise.teachers.tower import seen
from rise.teachers.zero_shot import zero_shot
from rise.training.data import open_data
from rise.utils.torch_rng import torch_stream
from rise.views._policies import resize
from tests.training.embedded import experiment, request_of


def test_normalised_by_imagenet() -> None:
    images = torch.rand(2, 3, 4, 4, generator=torch_stream("normalised images"))
    by_imagenet = normalise(images, "imagenet")
    assert by_imagenet[1, 0, 2, 3] == pytest.approx((images[1, 0, 2, 3].item() - 0.485) / 0.229)
    # CLIP then sees 1.2 times the contrast.
    ratio = by_imagenet.std((0, 2, 3)) / normalise(images).std((0, 2, 3))
    assert ratio.tolist() == pytest.approx([1.173, 1.167, 1.226], abs=1e-3)


def test_caches_and_scores_lie_where_their_images_say() -> None:
    plain, imagenet, clean = (
        request_of(),
        request_of(teacher_input="imagenet"),
        request_of(teacher_view="clean"),
    )
    assert len({one.digest for one in (plain, imagenet, clean)}) == 3
    assert len({one.cache for one in (plain, imagenet, clean)}) == 3
    assert len({one.texts for one in (plain, imagenet, clean)}) == 1
    scores = [one.zero_shot for one in (plain, imagenet, clean)]
    assert scores[0] == scores[2] != scores[1]
    # A plain image has one embedding, whatever the number of views.
    assert request_of(5, teacher_view="clean").cache == clean.cache


def test_a_cache_of_plain_images_serves_every_view(embedded: Path) -> None:
    request = request_of(teacher_view="clean", teacher_input="imagenet")
    build_cache(request)
    decoded = open_decoded(request.decoded)
    rows = decoded.rows("twemoji")[5:9]
    files = read_cache(request.cache, request.identity, decoded)
    cached = open_cache(request.cache, "twemoji", files["twemoji"])
    assert cached.shape == (len(decoded.rows("twemoji")), 1, 64)
    clip = load_teacher(request.teacher, request.identity.teacher.sha256)
    with torch.no_grad():
        live = clip.encode_image(normalise(resize(decoded.images(rows), 64), "imagenet"))
    live = live / live.norm(dim=1, keepdim=True)
    assert np.abs(live.numpy() - cached[5:9, 0].astype(np.float32)).max() < 1e-3
    data = open_data(request, torch.device("cpu"))
    chosen = np.array([0, 3])
    batches = data.batches(lambda view: (chosen, np.full(2, view)), 0)
    first, _, last = (next(batches) for _ in range(3))
    assert torch.equal(first.teacher[0], last.teacher[0])
    assert not torch.equal(first.x, last.x)


def test_photographs_are_seen_plain_at_the_teachers_size(embedded: Path) -> None:
    decoded = open_decoded(request_of().decoded)
    rows = decoded.rows("noto")[:2]
    plain = TowerIdentity(input="clip", view="clean", policy="released", count=1)
    clean = seen(decoded, rows, 1, 48, plain)
    assert clean.shape == (2, 3, 48, 48)
    assert torch.equal(clean, seen(decoded, rows, 2, 48, plain))
    assert not torch.equal(
        clean, seen(decoded, rows, 1, 48, plain.model_copy(update={"view": "augmented"}))
    )


def test_the_teachers_own_score_uses_its_normalisation(embedded: Path) -> None:
    found = [zero_shot(request_of(teacher_input=norm)) for norm in ("clip", "imagenet")]
    assert found[0] != found[1]


@pytest.mark.parametrize(
    "change",
    [{"teacher_input": "imagenet"}, {"teacher_view": "clean"}, {"teacher_mode": "online"}],
    ids=str,
)
def test_texts_alone_are_shown_no_images(change: dict[str, str], tmp_path: Path) -> None:
    np.savez(tmp_path / "texts.npz", anchors=np.zeros(1))
    variant = {"student": "tiny-resnet", "teacher": str(tmp_path / "texts.npz"), **change}
    values = experiment().model_dump(exclude={"name"})
    values |= {"methods": {"ad": {}}, "variants": {"main": variant}}
    with pytest.raises(
        ConfigError, match=rf"main\.{next(iter(change))}: a file of texts sees no images"
    ):
        parse(values, Path("texts.yaml"))
