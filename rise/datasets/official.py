"""Reader of what was published with PACS: its official lists.

They are `<domain>_{train,crossval,test}_kfold.txt`, a line an image:
`[PACS/]<domain>/<class>/<file> <label>`, labels from 1 in alphabetical order of classes (Li et al.,
ICCV 2017; copies in https://github.com/OoDBag/RISE and other repositories).
"""

from collections import Counter
from pathlib import Path

from rise.errors import DataError

# Both are in art_painting_crossval_kfold.txt of several circulating copies.
MISLABELLED = ("art_painting/dog/pic_225.jpg", "0")
DOUBLED, MEANT = "art_painting/dog/pic_248.jpg", "art_painting/dog/pic_249.jpg"


def read_lists(folder: Path, domain: str, classes: list[str]) -> tuple[list[str], list[str]]:
    """Names "<domain>/<class>/<file>" of a domain's (train, crossval) images, in listed order.

    Raises:
        DataError: a list cannot be read; a label is outside 1 to the number of classes, or not the
            folder's; a name stands twice; or train and crossval do not add up to test.
    """
    train, crossval, test = (
        _read(folder / f"{domain}_{part}_kfold.txt", domain, classes)
        for part in ("train", "crossval", "test")
    )
    if both := sorted(set(train) & set(crossval)):
        raise DataError(f"{folder}: {both[0]} stands in {domain}'s train and in its crossval list")
    if odd := sorted((set(train) | set(crossval)) ^ set(test)):
        raise DataError(
            f"{folder}: {domain}'s train and crossval lists do not add up to its test list "
            f"({odd[0]} and {len(odd) - 1} more); take the lists of one copy"
        )
    return train, crossval


def _read(path: Path, domain: str, classes: list[str]) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read; give the folder of the official lists") from error
    names = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            names.append(_name(f"{path}, line {number}", line, domain, classes))
    name, count = Counter(names).most_common(1)[0] if names else ("", 0)
    if count > 1:
        where = [number for number, found in enumerate(names, 1) if found == name]
        known = f": the known mistake of circulating copies, {MEANT} is meant once"
        raise DataError(
            f"{path}: {name} stands twice (lines {', '.join(map(str, where))})"
            f"{known if name == DOUBLED and MEANT not in names else ''}; take an intact copy"
        )
    return names


def _name(where: str, line: str, domain: str, classes: list[str]) -> str:
    """The image that a line names, after checking its label."""
    name, _, label = line.strip().rpartition(" ")
    name = name.removeprefix("PACS/")
    parts = name.split("/")
    if len(parts) != 3 or parts[0] != domain or parts[1] not in classes:
        raise DataError(
            f"{where}: {line.strip()!r} names no image of {domain}; take an intact copy"
        )
    known = ": the known mistake of circulating copies" if (name, label) == MISLABELLED else ""
    if not label.isdecimal() or not 1 <= int(label) <= len(classes):
        raise DataError(
            f"{where}: label {label} of {name} is outside 1 to {len(classes)}{known}; take an "
            "intact copy"
        )
    if parts[1] != sorted(classes)[int(label) - 1]:
        raise DataError(
            f"{where}: label {label} is {sorted(classes)[int(label) - 1]}, and {name} lies in "
            f"{parts[1]}; take an intact copy"
        )
    return name
