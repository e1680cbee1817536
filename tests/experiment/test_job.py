"""Identities and jobs as models: what a record holds is what the model says, key by key."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from rise.config.load import load
from rise.errors import ResultError
from rise.experiment.identity import Identity
from rise.experiment.job import Job
from rise.experiment.paths import unit_folder
from rise.experiment.read_job import read_job
from rise.planning.units import job_of, units
from rise.utils.io import digest

CONFIG = Path(__file__).parents[2] / "config"


def test_a_mapping_is_read_back_as_the_same_identity() -> None:
    one = units(load(CONFIG / "demo.yaml"))[0].identity
    assert Identity.model_validate(one.mapping()) == one
    assert digest(one.mapping()) == one.digest


def test_the_names_of_a_record_are_kept() -> None:
    """Records of earlier versions have these keys: another name would make them other units."""
    mapping = units(load(CONFIG / "demo.yaml"))[0].identity.mapping()
    assert set(mapping) == {
        *("schema", "dataset", "teacher", "tower", "text", "teacher_mode", "protocol", "method"),
        *("settings", "recipe", "views", "student", "device", "code", "held_out", "seed"),
    }
    assert set(mapping["device"]) == {"class", "precision", "threads"}
    assert "decoder" not in mapping["dataset"]
    assert mapping["teacher_mode"] == "bank"


def test_a_job_is_frozen_and_refuses_what_it_does_not_know() -> None:
    experiment = load(CONFIG / "smoke.yaml")
    job = job_of(units(experiment)[0], experiment)
    assert Job.model_validate(job.mapping()) == job
    with pytest.raises(ValidationError):
        job.workers = 3  # type: ignore[misc]
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Job.model_validate({**job.mapping(), "bankk": "x"})


def test_request_of_other_code_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    experiment = load(CONFIG / "smoke.yaml")
    request = job_of(units(experiment)[0], experiment)
    path = unit_folder("smoke", request.key) / "request.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(request.mapping()))
    assert read_job(path) == request
    path.write_text(json.dumps({**request.mapping(), "cache": "work/banks/old"}))
    with pytest.raises(ResultError, match="planned by other code"):
        read_job(path)
    for change in ({"experiment": "../../x"}, {"key": "../../../../x"}, {"experiment": "\ud800"}):
        path.write_text(json.dumps({**request.mapping(), **change}))
        with pytest.raises(ResultError, match="which lies elsewhere; run snakemake"):
            read_job(path)
    changed = {**request.mapping()["identity"], "seed": 7}
    path.write_text(json.dumps({**request.mapping(), "identity": changed}))
    with pytest.raises(ResultError, match="was changed by hand: its digest differs"):
        read_job(path)
