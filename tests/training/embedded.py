"""An experiment on the embedded benchmark, and a folder with its decoded dataset and texts."""

from pathlib import Path
from typing import Any

import torch

from rise.catalog import lookup
from rise.config.load import Experiment, parse
from rise.decoding.build_arrays import build_from_arrays
from rise.experiment.job import Job
from rise.planning.units import job_of, units
from rise.teachers.build_text_embeddings import build_texts

ROOT = Path(__file__).parents[2]
ENTRY = lookup.datasets()["objects"]
RECIPE = {"epochs": 2, "batch_size": 128}


# A unit in a second.
QUICK: dict[str, Any] = {
    "datasets": {"objects": {"held_out": ["noto"]}},
    "variants": {
        "main": {
            "student": "tiny-resnet",
            "teacher": "tiny-clip",
            "views": {"count": 1},
            "recipe": {"epochs": 1},
        }
    },
    "seeds": 1,
}


def experiment(count: int = 3, **variant: Any) -> Experiment:
    main = {"student": "tiny-resnet", "teacher": "tiny-clip", "views": {"count": count}}
    values = {
        "title": "teacher's images",
        "datasets": {"objects": {"held_out": ["noto"]}},
        "methods": {"rise": {}},
        "variants": {"main": {**main, "recipe": RECIPE, **variant}},
        "seeds": 1,
    }
    return parse(values, Path("images.yaml"))


def request_of(count: int = 3, **variant: Any) -> Job:
    declared = experiment(count, **variant)
    return job_of(units(declared)[0], declared)


def prepare(folder: Path) -> None:
    """Make decoded dataset and texts in a folder that is the working one."""
    torch.set_num_threads(1)
    (folder / "data").symlink_to(ROOT / "data")
    request = request_of()
    build_from_arrays("objects", ENTRY, request.decoded)
    build_texts(request)
