"""Find classes and domains of a custom dataset that cannot be trained or scored, by name."""

import difflib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from rise.catalog.schema import Dataset

FEWEST = 2  # one image cannot both train and validate, or train and be scored
ALIKE = 0.6  # difflib's ratio: jug and mug have 0.67


def label_faults(images: Iterable[str], entry: Dataset) -> Iterator[tuple[str, str]]:
    """Yield (where, what is wrong and what to do) of a custom dataset's names and counts.

    Nothing is yielded for a dataset of the catalog, whose names and counts are known.

    Args:
        images: paths `<domain>/<class>/<file>`.
        entry: what `custom_dataset.read_custom` made of the folder.
    """
    if not entry.folder:
        return
    paths = [path.split("/") for path in images]
    for what, names, counts in (
        ("domain", entry.domains, Counter(path[0] for path in paths)),
        ("class", entry.classes, Counter(path[1] for path in paths)),
    ):
        yield from _same_name(what, names)
        for name in names:
            if counts[name] < FEWEST:
                yield name, f"{what} of {counts[name]} images; add images or delete its folder"
    yield from _slips(paths, entry)


def unseen_classes(
    images: Iterable[str], entry: Dataset, held_out: Iterable[str]
) -> dict[str, list[str]]:
    """Map each held-out domain to its classes that no source domain has an image of."""
    here = _classes_of(path.split("/") for path in images)
    apart = set(held_out)
    known = set().union(*(here[domain] for domain in entry.domains if domain not in apart))
    return {domain: sorted(here[domain] - known) for domain in apart if here[domain] - known}


def _same_name(what: str, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Find names that are one but for case, composed letters or blanks."""
    seen: dict[str, str] = {}
    for name in names:
        key = " ".join(unicodedata.normalize("NFKC", name).casefold().replace("_", " ").split())
        first = seen.setdefault(key, name)
        if first != name:
            yield name, f"{what} is {first!a} but for case, blanks or accents; merge the folders"
        elif name != name.strip():
            yield name, f"{what} {name!r} begins or ends with a blank; rename its folder"


def _slips(paths: list[list[str]], entry: Dataset) -> Iterator[tuple[str, str]]:
    """Find a class of one domain only, beside one spelled alike that just this domain lacks."""
    here = _classes_of(paths)
    domains = {one: {d for d in entry.domains if one in here[d]} for one in entry.classes}
    for one, places in domains.items():
        others = [two for two in domains if len(places) == 1 and domains[two]]
        for two in difflib.get_close_matches(one, others, len(others) or 1, ALIKE):
            rest = set(entry.domains) - places
            if len(rest) > 1 and domains[two] == rest:
                yield (
                    f"{min(places)}/{one}",
                    f"no other domain has this class, and all others have {two!r}; rename the "
                    "folder if it is a slip",
                )


def _classes_of(paths: Iterable[list[str]]) -> dict[str, set[str]]:
    here: dict[str, set[str]] = defaultdict(set)
    for domain, label, *_ in paths:
        here[domain].add(label)
    return here
