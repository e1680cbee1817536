"""Compare two records or two folders of results, in science and in provenance."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rise.errors import ResultError
from rise.experiment.key import held_out_of, held_out_text
from rise.experiment.path_part import name_of
from rise.experiment.record import Record
from rise.results.nested_diff import FEW, Difference, differences, short
from rise.results.read import read_whole


@dataclass(frozen=True)
class RecordDiff:
    """The verdict on the science, and all differences as text, a summary first."""

    same: bool
    text: str


def compare(one: Path, other: Path) -> RecordDiff:
    """Compare two records (record.json or a unit's folder), or two folders of results.

    "The same" means the same science, which includes the sha256 of the predictions; for folders
    also the same units.

    Raises:
        ResultError: a path is neither, the two are of different kinds, or a record cannot be used.
    """
    folders = [(path / "units").is_dir() for path in (one, other)]
    if all(folders):
        return _folders(one, other)
    if any(folders):
        raise ResultError(
            f"{one} and {other} are a record and a folder of results; name two of one kind"
        )
    return _records(*(read_whole(_record_path(path)) for path in (one, other)))


def _record_path(path: Path) -> Path:
    return path / "record.json" if path.is_dir() else path


def _records(one: Record, other: Record) -> RecordDiff:
    science = list(differences(one.science.model_dump(), other.science.model_dump()))
    provenance = list(differences(one.provenance, other.provenance))
    lines = [
        f"science: {_places(science)}",
        *_lines(science),
        f"provenance: {_places(provenance)}",
        *_lines(provenance),
    ]
    return RecordDiff(not science, "\n".join(lines))


def _places(found: list[Difference]) -> str:
    if not found:
        return "the same"
    return f"differs in {len(found)} place{'s' if len(found) > 1 else ''}"


def _lines(found: list[Difference]) -> Iterator[str]:
    for path, one, other in found:
        yield f"  {path}: {short(one)} | {short(other)}"


def _folders(one: Path, other: Path) -> RecordDiff:
    first, second = _keys(one), _keys(other)
    both = sorted(first & second)
    only = [sorted(first - second), sorted(second - first)]
    odd: dict[str, str] = {}
    elsewhere: Counter[str] = Counter()
    for key in both:
        told, places = _unit(one / "units" / key, other / "units" / key)
        if told:
            odd[key] = told
        elsewhere.update(places)
    lines = [
        f"{len(both)} units in both: {len(both) - len(odd)} with the same science, {len(odd)} not; "
        f"{len(only[0])} only in {one}, {len(only[1])} only in {other}",
        *(f"differs: {_name(key)}: {told}" for key, told in odd.items()),
        *(f"only in {one}: {_name(key)}" for key in only[0]),
        *(f"only in {other}: {_name(key)}" for key in only[1]),
    ]
    if elsewhere:
        counts = ", ".join(f"{name} ({number})" for name, number in sorted(elsewhere.items()))
        lines.append(f"provenance differs in (units): {counts}")
    return RecordDiff(not odd and not any(only), "\n".join(lines))


def _name(key: str) -> str:
    """Name the unit of a path below results/EXPERIMENT/units."""
    dataset, variant, method, held_out, seed = key.split("/")
    names = [*map(name_of, (dataset, variant, method)), held_out_text(held_out_of(held_out)), seed]
    return "/".join(names)


def _keys(folder: Path) -> set[str]:
    units = folder / "units"
    found = units.glob("*/*/*/*/*/record.json")
    return {str(path.parent.relative_to(units)) for path in found}


def _unit(one: Path, other: Path) -> tuple[str, set[str]]:
    """Describe the first differences in science, and name the keys of provenance that differ."""
    try:
        first, second = read_whole(one / "record.json"), read_whole(other / "record.json")
    except ResultError as error:
        return str(error), set()
    science = list(differences(first.science.model_dump(), second.science.model_dump()))
    told = [f"{path} {short(a)} | {short(b)}" for path, a, b in science[:FEW]]
    told += [f"{len(science) - FEW} more"] if len(science) > FEW else []
    elsewhere = differences(first.provenance, second.provenance)
    return "; ".join(told), {path.partition(".")[0] for path, _, _ in elsewhere}
