"""Records: the schema of a unit's result, written whole and checked when read."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rise.errors import ResultError
from rise.utils.io import JsonObject, canonical, digest, read_json, write_json


class Closed(BaseModel):
    """A part of a record: unknown keys are an error."""

    model_config = ConfigDict(extra="forbid")


class Score(Closed):
    """Counts over a set of scored images."""

    correct: int = Field(ge=0)
    total: int = Field(ge=1)


class HeldOut(Score):
    """Counts over a set of held-out images, and over each class that has any of them."""

    classes: dict[str, Score]


class Science(Closed):
    """The result itself: two results are the same if this is byte-equal as canonical JSON.

    `predictions` is the sha256 of predictions.npz.
    """

    identity: JsonObject
    selected: JsonObject
    validation: dict[str, Score]
    held_out: dict[str, HeldOut]
    predictions: str
    budget: dict[str, int]
    data: dict[str, str]


class Record(Closed):
    """record.json: the result of one unit and where it came from."""

    digest: str
    science: Science
    provenance: JsonObject


def read_record(path: Path) -> Record:
    """Read and check a record.

    Raises:
        ResultError: it is missing, no JSON or against the schema, or its digest is not that of
            its identity.
    """
    try:
        record = Record.model_validate(read_json(path))
    except OSError as error:
        raise ResultError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, ValidationError) as error:
        mend = "; delete it and run again" if path.name.startswith("record") else ""
        raise ResultError(f"{path}: is no valid record{mend}") from error
    if digest(record.science.identity) != record.digest:
        raise ResultError(f"{path}: was changed by hand (digest differs); delete it and run again")
    return record


def predictions_path(record: Path) -> Path:
    """Return the path of a record's predictions: record[.X].json -> predictions[.X].npz."""
    return record.with_name("predictions" + record.name.removeprefix("record")).with_suffix(".npz")


def recorded_digest(path: Path) -> str | None:
    """Read a record's digest: None if there is no file, "unreadable" if it cannot be used.

    A record without its predictions cannot be used.
    """
    if not path.exists():
        return None
    try:
        return read_record(path).digest if predictions_path(path).exists() else "unreadable"
    except ResultError:
        return "unreadable"


def write_record(path: Path, record: Record) -> None:
    """Write a record atomically."""
    write_json(path, record.model_dump())


def science_text(record: Record) -> str:
    """Return the canonical JSON of the science block."""
    return canonical(record.science.model_dump())
