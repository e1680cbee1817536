"""Set apart units that were made of another revision of their dataset than the rest.

An identity pins what the catalog knows; a record's `data` names the files actually used.
"""

import functools
import json
from collections import Counter

from rise.results.nested_diff import differences, sentence
from rise.utils.io import JsonObject, canonical

UnitRow = JsonObject
# Units with the same value in this column must have the same values of these keys in `data`.
AGREE = {
    "dataset": ("pack", "manifest"),
    "variant": ("student",),  # starting weights that the identity names by a tag of the hub
}
KEPT = ("dataset", "variant", "method", "held_out", "seed", "digest", "data")


def set_apart(found: list[list[UnitRow]], manifests: dict[str, str | None]) -> None:
    """Turn done units that were made of other data than the rest into `other`, with the reason.

    Args:
        found: the rows of each unit; those of a unit set apart become one.
        manifests: by dataset the digest of the files on this disk, which are right; where it is
            None, what most units have is (of equally many the first declared).
    """
    for column, keys in AGREE.items():
        groups: dict[str, list[list[UnitRow]]] = {}
        for rows in found:
            if rows[0]["status"] == "done":
                groups.setdefault(rows[0][column], []).append(rows)
        for name, group in groups.items():
            _compare(group, keys, manifests.get(name) if column == "dataset" else None)


def _compare(group: list[list[UnitRow]], keys: tuple[str, ...], manifest: str | None) -> None:
    made_of = [_part(rows[0]["data"], keys) for rows in group]
    counts = Counter(made_of)
    reasons = {one: _reason(one, counts, manifest) for one in counts}
    for rows, one in zip(group, made_of, strict=True):
        if reasons[one]:
            kept = {key: rows[0][key] for key in KEPT}
            rows[:] = [{**kept, "status": "other", "reason": reasons[one]}]


def _reason(one: str, counts: Counter[str], manifest: str | None) -> str | None:
    """Say how a record's data differ from what they should be; None if they do not."""
    has = json.loads(one)
    right = [each for each in counts if manifest in (None, json.loads(each).get("manifest"))]
    if right:
        wanted = json.loads(max(right, key=counts.__getitem__))
    else:  # only the files on this disk are known, not what they decode to
        has, wanted = {"manifest": has.get("manifest")}, {"manifest": manifest}
    found = list(differences(has, wanted))
    words = ("has", "others have" if manifest is None else "this disk has")
    return f"made of other data: {sentence(found, words)}" if found else None


@functools.cache
def _part(data: str, keys: tuple[str, ...]) -> str:
    values = json.loads(data)
    return canonical({key: values[key] for key in keys if key in values})
