"""Read the curation of EmojiDG (`classes.yaml`): classes, identities, the icons that show them."""

from pathlib import Path
from typing import Any, Literal, NamedTuple

import yaml

from rise.errors import DataError


class Identity(NamedTuple):
    """One thing to draw, such as `bicycle`: its class and the icons of each set that show it."""

    name: str
    label: str
    icons: dict[str, tuple[str, ...]]


class Benchmark(NamedTuple):
    """Phrases by class ("a bird"), in order, and identities, by class and then name."""

    phrases: dict[str, str]
    identities: tuple[Identity, ...]


class Curation(NamedTuple):
    """The sets by role and the two benchmarks, `emojidg` and `objects`.

    A domain is a benchmark set; teachers see the teacher sets only; choices are made on the
    development set, of which nothing is ever shipped.
    """

    domains: tuple[str, ...]
    teachers: tuple[str, ...]
    development: str
    benchmarks: dict[str, Benchmark]


def read_curation(path: Path) -> Curation:
    """Read `classes.yaml`; raises DataError when it is missing or names an identity twice."""
    try:
        raw = yaml.safe_load(path.read_text("utf-8"))
    except FileNotFoundError:
        raise DataError(f"{path} is missing: copy it from data/emoji of the repository") from None
    roles = tuple(raw["benchmark_sets"]), tuple(raw["teacher_sets"]), raw["development_set"]
    benchmarks = {
        name: _benchmark(raw[key], roles[0], roles[2])
        for name, key in (("emojidg", "classes"), ("objects", "objects"))
    }
    names = [i.name for b in benchmarks.values() for i in b.identities]
    for name in names:
        if names.count(name) > 1:
            raise DataError(f"{path} names {name!r} twice: an identity has one class")
    return Curation(*roles, benchmarks)


def _benchmark(classes: dict[str, Any], domains: tuple[str, ...], development: str) -> Benchmark:
    identities = []
    for label, entry in classes.items():
        for item in entry["identities"]:
            name = item["id"]
            icons: dict[str, tuple[str, ...]] = {
                d: (item.get("bench", {}).get(d, name),) for d in domains
            }
            for vendor, drawn in item.get("teacher", {}).items():
                icons[vendor] = _names(drawn, name)
            icons[development] = _names(item.get("openmoji", True), name)
            identities.append(Identity(name, label, icons))
    identities.sort(key=lambda i: (i.label, i.name))
    return Benchmark({label: e["prompt"] for label, e in classes.items()}, tuple(identities))


def _names(drawn: str | list[str] | Literal[True] | None, name: str) -> tuple[str, ...]:
    if drawn is None:
        return ()
    if drawn is True:
        return (name,)
    return (drawn,) if isinstance(drawn, str) else tuple(drawn)
