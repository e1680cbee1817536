"""The ledger of code: revisions of the code that were seen to give the same bytes.

Only `rise accept` writes `data/code_ledger.jsonl`, one line for each replay: a unit recorded by one
revision was made again by another, with the same science and predictions. For units of the same
kind, records of either revision then count for the other.
"""

import copy
import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from rise.errors import ResultError
from rise.utils.io import JsonObject, canonical, digest, write_text
from rise.utils.model import Strict

LEDGER = Path("data/code_ledger.jsonl")
# Left out of a unit's kind: its data, sizes and durations. Everything else is a switch that may
# run other code.
SIZES = (
    "dataset",
    "held_out",
    "seed",
    "settings",
    "teacher",
    "recipe.epochs",
    "recipe.batch_size",
    "recipe.evaluate_every",
    "views.count",
    "tower.count",
    "text.words",
    "student.start",
    "student.image_size",
    "device.threads",
)
CODES = ("code", "method.code", "dataset.decoder")


class Codes(Strict):
    """The digests of code in an identity: training, method, and decoder of image files if any."""

    training: str
    method: str
    decoder: str | None = None


class Entry(Strict):
    """One replay that gave the same bytes.

    kind: digest of the unit's identity without sizes and codes. The remaining fields are for the
    reader: the unit replayed, its predictions, the date and the machine.
    """

    old: Codes
    new: Codes
    kind: str
    method: str
    policy: str
    protocol: str
    unit: str
    predictions: str
    date: str
    machine: str
    versions: str


class Ledger:
    """The entries of a ledger, and the codes that they declare equal."""

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = entries

    @cached_property
    def _roots(self) -> dict[tuple[str, Codes], Codes]:
        """Map every code of a kind to the one that represents all equal ones."""
        roots: dict[tuple[str, Codes], Codes] = {}

        def root(kind: str, codes: Codes) -> Codes:
            up = roots.setdefault((kind, codes), codes)
            return codes if up == codes else root(kind, up)

        for entry in self.entries:
            roots[entry.kind, root(entry.kind, entry.old)] = root(entry.kind, entry.new)
        return {key: root(*key) for key in roots}

    def settled(self, identity: Mapping[str, Any]) -> JsonObject:
        """Return an identity with its codes replaced by the representative of all equal ones."""
        found = copy.deepcopy(dict(identity))
        if self.entries and "code" in found:
            codes = codes_of(identity)
            codes = self._roots.get((kind_of(identity), codes), codes)
            found["code"] = codes.training
            found["method"]["code"] = codes.method
            if codes.decoder:
                found["dataset"]["decoder"] = codes.decoder
        return found

    def same(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        """Say whether two identities ask for the same result."""
        return canonical(self.settled(one)) == canonical(self.settled(other))

    def entry_between(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> Entry | None:
        """Find the latest entry by which the code of one identity counts as the other's."""
        kind, codes = kind_of(one), {codes_of(one), codes_of(other)}
        found = [e for e in self.entries if e.kind == kind and {e.old, e.new} & codes]
        return found[-1] if found else None


def read_ledger(path: Path = LEDGER) -> Ledger:
    """Read a ledger; an empty one where there is no file.

    Raises:
        ResultError: a line was not written by `rise accept`.
    """
    if not path.is_file():
        return Ledger([])
    lines = path.read_text(encoding="utf-8").splitlines()
    try:
        return Ledger([Entry.model_validate_json(line) for line in lines])
    except ValidationError as error:
        raise ResultError(
            f"{path}: holds a line that rise accept did not write; restore the file (git checkout)"
        ) from error


def append(entries: list[Entry], path: Path = LEDGER) -> None:
    """Add entries to a ledger, which is rewritten as a whole."""
    every = [*read_ledger(path).entries, *entries]
    lines = [json.dumps(entry.model_dump(mode="json"), sort_keys=True) for entry in every]
    write_text(path, "".join(f"{line}\n" for line in lines))


def codes_of(identity: Mapping[str, Any]) -> Codes:
    """Read the digests of code in an identity."""
    decoder = identity.get("dataset", {}).get("decoder")
    return Codes(training=identity["code"], method=identity["method"]["code"], decoder=decoder)


def kind_of(identity: Mapping[str, Any]) -> str:
    """Digest an identity without its sizes and codes.

    A dataset of image files stays: another one may have files that the decoder treats otherwise.
    """
    files = codes_of(identity).decoder is not None
    free = [path for path in SIZES if not (files and path == "dataset")]
    return digest(_without(identity, *free, *CODES))


def but_for_code(identity: Mapping[str, Any]) -> str:
    """Return the canonical JSON of an identity without its codes."""
    return canonical(_without(identity, *CODES))


def _without(identity: Mapping[str, Any], *paths: str) -> JsonObject:
    found = copy.deepcopy(dict(identity))
    for path in paths:
        *parents, last = path.split(".")
        place = found
        for parent in parents:
            place = place.get(parent, {})
        place.pop(last, None)
    return found
