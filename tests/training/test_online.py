"""The teacher asked in every step, against the embedding cache: same targets, same training."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rise.experiment.job import Job
from rise.planning.cost import forecast
from rise.planning.plan import Plan
from rise.planning.units import job_of, units
from rise.runtime.unit_job import run_unit
from rise.teachers.build_embedding_cache import build_cache
from rise.teachers.text_embeddings import read_texts
from rise.training.data import UnitData, open_data
from rise.training.embeddings import Cached
from rise.training.online import Online
from rise.training.schedule import Schedule
from tests.training.embedded import experiment, request_of

CPU = torch.device("cpu")


def opened(**variant: Any) -> tuple[UnitData, UnitData, Job]:
    """A unit's data with the cache and online; the cache is made if it is not there."""
    cached, online = request_of(**variant), request_of(teacher_mode="online", **variant)
    if not cached.cache.exists():
        build_cache(cached)
    return open_data(cached, CPU), open_data(online, CPU), cached


@pytest.mark.parametrize(
    "variant",
    [{}, {"image_size": 64}, {"teacher_view": "clean"}, {"teacher_input": "imagenet"}],
    ids=str,
)
def test_both_give_the_same_logits(embedded: Path, variant: dict[str, Any]) -> None:
    cached, online, request = opened(**variant)
    assert isinstance(cached.embeddings, Cached)
    assert isinstance(online.embeddings, Online)
    # The student's own views are the teacher's where both have one size.
    assert online.embeddings.same == (variant == {"image_size": 64})
    picked = Schedule(request.identity.recipe, 0.1, 0.0, len(cached.rows), 3, 0).pick(5)
    one, two = (next(data.batches(lambda step: picked, 0)) for data in (cached, online))
    assert torch.equal(one.x, two.x)
    raw = read_texts(request.texts)["raw"]
    texts = raw / raw.norm(dim=1, keepdim=True)
    logits = [100 * batch.teacher[0] @ texts.T for batch in (one, two)]
    assert logits[0].std() > 1
    assert (logits[0] - logits[1]).abs().max() < 0.05
    # Rounded alike: what differs is the last bit of few numbers, by the size of the batch.
    assert two.teacher[0].dtype == torch.float32
    assert torch.equal(two.teacher[0], two.teacher[0].half().float())


def test_both_train_to_the_same_predictions(embedded: Path) -> None:
    opened()
    found = []
    for mode in ("bank", "online"):
        declared = experiment(teacher_mode=mode)
        (unit,) = units(declared)
        run_unit(job_of(unit, declared))
        with np.load(unit.folder / "predictions.npz") as file:
            found.append({key: file[key] for key in file})
    cached, online = found
    assert (cached["predicted"] == online["predicted"]).all()
    gap = cached["log_probability"].astype(float) - online["log_probability"].astype(float)
    print(f"largest difference of log-probabilities: {np.abs(gap).max():.2g}")
    assert np.abs(gap).max() < 0.02


def test_online_needs_no_cache_and_takes_its_time_in_training() -> None:
    cached, online = (Plan(experiment(teacher_mode=mode)) for mode in ("bank", "online"))
    (one,), (two,) = cached.units.values(), online.units.values()
    assert [path.parts[1] for path in cached.inputs(one)] == ["decoded", "texts", "embeddings"]
    assert [path.parts[1] for path in online.inputs(two)] == ["decoded", "texts"]
    assert one.digest != two.digest
    cheap, dear = (forecast(plan)["objects, main"].hours for plan in (cached, online))
    assert cheap is not None
    assert dear is not None
    assert dear > cheap
