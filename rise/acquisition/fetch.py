"""Fetch a dataset from its sources in order, or from a copy that the user has.

All work is done in a scratch folder beside the target, which appears by one rename once every
image has been opened and counted. Interrupted at any moment, a fetch can be run again.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from rise.acquisition import layouts
from rise.acquisition.archive import bounds, unpack
from rise.acquisition.download import download
from rise.acquisition.local_copy import Origin, recognise
from rise.acquisition.verify import Verification, verify
from rise.catalog.data_dir import dataset_folder, read_trusted, record_trusted
from rise.catalog.schema import Dataset, Source
from rise.decoding.manifest import KEPT_NAMES, MADE_NAMES, write_about, write_manifest
from rise.errors import DataError, NoRoomError
from rise.utils.io import JsonObject
from rise.utils.progress import ReportProgress


def fetch_dataset(
    name: str,
    entry: Dataset,
    data: Path,
    number: int | None = None,
    local_copy: Path | None = None,
    progress: ReportProgress | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Path:
    """Bring a dataset into the data folder, whole and verified, or not at all.

    Args:
        name: of the dataset.
        entry: its entry of the catalog.
        data: the data folder.
        number: only this source (from 1); all in order where it is None.
        local_copy: an archive or folder that the user has, instead of any source; it stays as
            it is.
        progress: told (what, done, total).
        say: told what a user should know: a source that failed, what is trusted.

    Returns:
        The dataset's folder.

    Raises:
        DataError: no source gave the dataset, or what came is not it.
    """
    if entry.embedded:
        raise DataError(f"{name}: is shipped with the repository; there is nothing to fetch")
    job = _Fetch(name, entry, data, dataset_folder(data, name, entry), progress, say)
    if job.target.is_dir():
        say(f"{job.target}: is already here; check it with: rise data verify {name}")
        return job.target
    sources = _chosen(name, entry, number, local_copy)
    try:
        data.mkdir(parents=True, exist_ok=True)
        with job.alone():
            if not job.target.is_dir():  # another fetch may have made it while this one waited
                if local_copy is not None:
                    job.from_local_copy(local_copy)
                else:
                    job.from_sources(sources)
    except OSError as error:
        where = error.filename or data
        raise DataError(f"{where}: cannot be written ({error.strerror or error})") from error
    return job.target


def _chosen(
    name: str, entry: Dataset, number: int | None, local_copy: Path | None
) -> dict[int, Source]:
    if local_copy is not None:
        if not local_copy.exists():
            raise DataError(
                f"{local_copy}: no such file or folder; give an archive or folder of {name}"
            )
        return {}
    if not entry.sources:
        raise DataError(f"{name}: no server offers it any more; use --from with a local copy")
    sources = dict(enumerate(entry.sources, 1))
    if number is not None and number not in sources:
        raise DataError(f"{name}: has sources 1 to {len(sources)}, not {number}")
    return sources if number is None else {number: sources[number]}


@dataclass(frozen=True)
class _Fetch:
    name: str
    entry: Dataset
    data: Path
    target: Path
    progress: ReportProgress | None
    say: Callable[[str], None]

    @property
    def scratch(self) -> Path:
        return self.data / f".{self.target.name}.part"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the dataset's lock, which the system frees when a process dies."""
        lock = FileLock(self.data / f".{self.target.name}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            self.say(f"{self.name}: waiting for another fetch of this dataset to end")
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def from_sources(self, sources: dict[int, Source]) -> None:
        """Take the first source that gives the dataset."""
        trusted = read_trusted(self.data)
        for number, source in sources.items():
            self.say(f"{self.name}: source {number}, {source.title}")
            downloads = self.scratch / f"downloads-{number}"
            try:
                paths, seen = download(source, downloads, trusted["files"], self.progress)
            except NoRoomError:
                raise
            except DataError as error:  # what has come stays, for the next try to go on with
                self._next(sources, error)
                continue
            try:
                with self._tidied(downloads):
                    tree = self._tree(paths)
                    origin = Origin(source.title, source.layout, source.protocols)
                    self._finish(origin, tree, trusted, seen)
                    return
            except NoRoomError:
                raise
            except DataError as error:
                self._next(sources, error)
        raise DataError(
            f"{self.name}: none of its {len(sources)} sources worked (reasons above); "
            f"download an archive in a browser, then run: rise data fetch {self.name} --from FILE"
        )

    def _next(self, sources: dict[int, Source], error: DataError) -> None:
        if len(sources) == 1:
            raise error
        self.say(str(error))

    def from_local_copy(self, local_copy: Path) -> None:
        """Take a folder with the domains in it, an archive, or a folder with a source's files."""
        origin, paths = recognise(local_copy, self.entry)
        with self._tidied():
            tree = self._tree(paths) if paths else local_copy
            self._finish(origin, tree, read_trusted(self.data), {})

    @contextmanager
    def _tidied(self, *also: Path) -> Iterator[None]:
        """Remove what was refused for its content; after a full disk everything is kept."""
        try:
            yield
        except DataError as error:
            paths = [self.scratch / "tree", self.scratch / "ready"]
            for path in paths if isinstance(error, NoRoomError) else (*paths, *also):
                shutil.rmtree(path, ignore_errors=True)
            if self.scratch.is_dir() and not any(self.scratch.iterdir()):
                self.scratch.rmdir()
            raise

    def _tree(self, paths: list[Path]) -> Path:
        """Unpack archives into scratch; other files go beside what they unpack to."""
        tree = self._fresh("tree")
        tree.mkdir(parents=True)
        for path in paths:
            if path.is_dir():
                for file in sorted(path.rglob("*.parquet")):
                    layouts.link(file, tree / file.relative_to(path))
            elif path.suffix in (".txt", ".parquet"):
                layouts.link(path, tree / path.name)
            else:
                unpack(path, tree, bounds(self.entry))
        return tree

    def _fresh(self, name: str) -> Path:
        path = self.scratch / name
        if path.exists():
            shutil.rmtree(path)
        return path

    def _finish(
        self, origin: Origin, tree: Path, trusted: JsonObject, seen: dict[str, JsonObject]
    ) -> None:
        """Lay out, open and count all images, compare with what is trusted, move into place."""
        ready = self._fresh("ready")
        layouts.build(origin.layout, tree, self.entry, ready)
        named = origin.layout != "parquet"
        report = verify(ready, self.entry, self.progress, named)
        if report.fatal:
            self._refuse(origin, report)
        trust, recorded = self._trust(report, trusted["datasets"], named)
        write_manifest(ready, report.rows)
        write_about(
            ready,
            dataset=self.name,
            revision=self.entry.revision,
            digest=report.digest,
            images=len(report.rows),
            source=origin.title,
            trust=trust,
            protocols=origin.protocols,
            names=KEPT_NAMES if named else MADE_NAMES,
        )
        record_trusted(self.data, files=seen, datasets=recorded)
        ready.rename(self.target)
        shutil.rmtree(self.scratch)
        if any(fault.kind != "remark" for fault in report.faults):
            self.say(report.text())

    def _refuse(self, origin: Origin, report: Verification) -> None:
        self.say(report.text())
        first = report.fatal[0]
        raise DataError(
            f"{self.name}: {origin.title} is not the dataset of the catalog: "
            f"{len(report.fatal)} faults, first {first.kind}: {first.where}: {first.text}"
        )

    def _trust(
        self, report: Verification, trusted: dict[str, str], named: bool
    ) -> tuple[str, dict[str, str]]:
        """Say why this content is believed ("published" or "first use"), and what to record."""
        if named and self.entry.manifest:
            return "published", {}
        key = self.target.name if named else f"{self.target.name} without file names"
        known = trusted.get(key, report.digest)
        if known != report.digest:
            raise DataError(
                f"{self.name}: its digest is {report.digest[:16]}..., not {known[:16]}... as first "
                f"fetched; if you trust it more, delete {key!r} from {self.data}/downloads.json"
            )
        self.say(
            f"{self.name}: no digest of it is published, so this one is trusted on first use: "
            f"{report.digest}, in {self.data}/downloads.json; later fetches must match"
        )
        return "first use", {key: report.digest}
