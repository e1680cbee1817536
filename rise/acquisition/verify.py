"""Check that a folder holds the dataset, complete and unchanged."""

import fnmatch
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tabulate import tabulate

from rise.acquisition.open_images import inspect
from rise.catalog.data_dir import manifest_folder
from rise.catalog.schema import Dataset, Defect
from rise.decoding.label_space import label_faults
from rise.decoding.manifest import (
    KEPT_NAMES,
    MADE_NAMES,
    MANIFEST,
    ManifestRow,
    manifest_digest,
    read_about,
    read_manifest,
    write_about,
    write_manifest,
)
from rise.decoding.scan import scan
from rise.errors import DataError
from rise.utils.progress import ReportProgress

SHOWN = 20  # faults of a kind that are printed one by one


@dataclass(frozen=True)
class Fault:
    """One finding: its kind, a path below the dataset's folder, a text; not fatal if known."""

    kind: str
    where: str
    text: str
    known: bool = False


@dataclass(frozen=True)
class Verification:
    """The findings: a row for each image, the manifest's digest, and the faults."""

    entry: Dataset
    rows: list[ManifestRow]
    digest: str
    faults: list[Fault]

    @property
    def fatal(self) -> list[Fault]:
        """The faults that the catalog does not know."""
        return [fault for fault in self.faults if not fault.known]

    def text(self) -> str:
        """Lay out a table by domain, and name the faults."""
        lines = [_table(self.entry, self.rows, self.fatal), ""]
        for known in (False, True):
            by_kind: dict[str, list[Fault]] = defaultdict(list)
            for fault in self.faults:
                if fault.known == known:
                    by_kind[fault.kind].append(fault)
            for kind, faults in by_kind.items():
                lines.append(f"{kind}{' (known)' if known else ''}: {len(faults)}")
                lines += [f"  {fault.where}: {fault.text}" for fault in faults[:SHOWN]]
                if len(faults) > SHOWN:
                    lines.append(f"  ... and {len(faults) - SHOWN} more")
        lines.append(f"digest {self.digest}, {len(self.rows)} images")
        return "\n".join(lines)


def verify(
    folder: Path, entry: Dataset, progress: ReportProgress | None = None, named: bool | None = None
) -> Verification:
    """Open every image, and compare the folder with the catalog and with its own manifest.

    Found: unreadable, truncated, duplicate (same bytes), misplaced, missing, changed and new files,
    wrong counts, and a digest that is not the published one. Nothing is written.

    Args:
        folder: `<domain folder>/<class>/<file>`.
        entry: what should be there.
        progress: called with the progress.
        named: False if the file names were lost, so that no published digest can match; None: as
            recorded in manifest.json.

    Raises:
        DataError: there is no such folder, or its manifest cannot be read.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; get it with rise data fetch")
    if named is None:
        named = read_about(manifest_folder(folder)).get("names") != MADE_NAMES
    before = read_manifest(manifest_folder(folder))
    images, strays = scan(folder, entry)
    rows = inspect(folder, images, progress)
    digest = manifest_digest((row.path, row.sha256) for row in rows)
    faults = [Fault("misplaced", path, text) for path, text in strays.items()]
    faults += _opened(rows, entry)
    faults += _compared(rows, before) if before is not None else []
    faults += _counted(images, entry, folder)
    faults += [Fault("label space", *one) for one in label_faults(images, entry)]
    faults += _duplicates(rows, entry)
    if named and entry.manifest and digest != entry.manifest and not faults:
        text = f"is {digest[:16]}..., not the published {entry.manifest[:16]}...: files differ"
        faults.append(Fault("digest", ".", text))
    faults += _remarks(images, entry)
    return Verification(entry, rows, digest, faults)


def record(folder: Path, name: str, report: Verification) -> Path | None:
    """Write the manifest of a faultless folder without one, and return its path; else None.

    The first content is trusted, unless a digest is published. A folder that cannot be written has
    its manifest in the project (`data_dir.manifest_folder`).
    """
    place = manifest_folder(folder)
    if (place / MANIFEST).exists():
        return None
    write_manifest(place, report.rows)
    write_about(
        place,
        dataset=name,
        revision=report.entry.revision,
        digest=report.digest,
        images=len(report.rows),
        source=str(folder),
        trust="published" if report.entry.manifest else "first use",
        protocols=list(report.entry.protocols),
        names=KEPT_NAMES,
    )
    return place / MANIFEST


def _opened(rows: Iterable[ManifestRow], entry: Dataset) -> Iterator[Fault]:
    for row in rows:
        if row.fault:
            kind, _, text = row.fault.partition(": ")
            yield Fault(kind, row.path, *_known(entry, kind, [row.path], text))


def _compared(rows: list[ManifestRow], before: list[ManifestRow]) -> Iterator[Fault]:
    old = {row.path: row.sha256 for row in before}
    new = {row.path: row.sha256 for row in rows}
    for path, sha256 in new.items():
        if path not in old:
            yield Fault("new", path, "not in manifest.parquet")
        elif sha256 != old[path]:
            yield Fault("changed", path, f"sha256 {sha256[:16]}..., was {old[path][:16]}...")
    here = {_place(path) for path in new}
    gone = [path for path in old if path not in new]
    for path in gone:
        if _place(path) in here:
            yield Fault("missing", path, "in manifest.parquet, not in the folder")
    # A folder without any image is reported once, not for every image that it held.
    for place, number in Counter(map(_place, gone)).items():
        if place not in here:
            yield Fault("missing", place, f"all {number} images of manifest.parquet")


def _place(path: str) -> str:
    """Return the class folder of a file."""
    return path.rsplit("/", 1)[0]


def _counted(images: list[str], entry: Dataset, folder: Path) -> Iterator[Fault]:
    found = Counter(map(_place, images))
    for domain in entry.domains:
        place, wanted = entry.folder_of(domain), entry.counts.get(domain)
        here = {f"{place}/{label}": found[f"{place}/{label}"] for label in entry.classes}
        if not (folder / place).is_dir():
            yield Fault("missing", place, "the domain's folder")
        elif isinstance(wanted, list):
            for (where, number), right in zip(here.items(), wanted, strict=True):
                if number != right:
                    yield Fault("count", where, f"{number} images, {right} expected")
        elif wanted is not None:
            if sum(here.values()) != wanted:
                yield Fault("count", place, f"{sum(here.values())} images, {wanted} expected")
        else:
            # Allowed where nobody knows the counts, as in a custom dataset; worth a line.
            for where, number in here.items():
                if not number:
                    yield Fault("no images", where, "this domain lacks the class", known=True)


def _duplicates(rows: Iterable[ManifestRow], entry: Dataset) -> Iterator[Fault]:
    by_bytes: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.sha256:
            by_bytes[row.sha256].append(row.path)
    for paths in by_bytes.values():
        if len(paths) > 1:
            text = f"same bytes as {', '.join(paths[1:])}"
            yield Fault("duplicate", paths[0], *_known(entry, "duplicate", paths, text))


def _known(entry: Dataset, kind: str, paths: list[str], text: str) -> tuple[str, bool]:
    """Return the text of a fault, and whether the catalog knows it for all of its files."""
    for defect in entry.defects:
        if defect.kind == kind and all(_named(defect, path) for path in paths):
            return f"{text} ({defect.text})", True
    return text, False


def _named(defect: Defect, path: str) -> bool:
    """Say whether a defect is of a path, which may hold what a pattern reads as its own."""
    return path == defect.files or fnmatch.fnmatchcase(path, defect.files)


def _remarks(images: list[str], entry: Dataset) -> Iterator[Fault]:
    for defect in entry.defects:
        if defect.kind == "remark" and any(_named(defect, image) for image in images):
            yield Fault("remark", defect.files, defect.text, known=True)


def _table(entry: Dataset, rows: list[ManifestRow], faults: list[Fault]) -> str:
    images = Counter(row.path.split("/", 1)[0] for row in rows)
    classes = Counter(place.split("/", 1)[0] for place in {_place(row.path) for row in rows})
    wrong = Counter(fault.where.split("/", 1)[0] for fault in faults)
    lines = []
    for domain in entry.domains:
        place, counts = entry.folder_of(domain), entry.counts.get(domain)
        wanted = sum(counts) if isinstance(counts, list) else counts
        lines.append(
            [domain, images[place], wanted or "not known", classes[place], wrong[place] or ""]
        )
    # A domain called 010 is no number.
    head = ["domain", "images", "expected", "classes", "faults"]
    return str(tabulate(lines, head, disable_numparse=[0]))
