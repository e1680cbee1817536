"""Download the files of a source: over http (pooch), from Google Drive (gdown), Hugging Face.

A finished file bears its own name; until then its bytes are in a `.part`, which the next try, or
the next run, goes on with.
"""

import logging
from pathlib import Path

import pooch

from rise.acquisition.resumable import Resuming, page_error, short
from rise.catalog.schema import Download, Source
from rise.errors import DataError
from rise.utils.io import JsonObject, file_digest
from rise.utils.progress import ReportProgress


def download(
    source: Source,
    into: Path,
    trusted: dict[str, JsonObject],
    progress: ReportProgress | None = None,
) -> tuple[list[Path], dict[str, JsonObject]]:
    """Get all files of a source into a folder, each checked against what is known of it.

    Args:
        source: what to get.
        into: the folder; what lies there from an interrupted run is used.
        trusted: what earlier fetches recorded, by address: sha256 and bytes, or commit.
        progress: told (what, MB done, MB in all).

    Returns:
        The files (for Hugging Face: one folder of parquet files), and what to record of them.

    Raises:
        DataError: a file cannot be fetched, or differs from the published or first fetched one.
    """
    into.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    seen: dict[str, JsonObject] = {}
    for file in source.files:
        known = trusted.get(file.url, {})
        if source.kind == "huggingface":
            path = into / "parquet"
            seen[file.url] = {"commit": _hugging_face(file.url, path, known.get("commit"))}
        else:
            path = into / file_name(file)
            get = _drive if source.kind == "gdrive" else _http
            get(file, path, progress)
            seen[file.url] = _check(file, path, known)
        paths.append(path)
    return paths, seen


def file_name(file: Download) -> str:
    """Return the name of a download on disk."""
    return file.name or file.url.rsplit("/", 1)[-1]


def _check(file: Download, path: Path, known: JsonObject) -> JsonObject:
    if _is_page(path):
        path.unlink()
        raise page_error(file.url)
    found = {"sha256": file_digest(path), "bytes": path.stat().st_size}
    md5 = pooch.file_hash(str(path), "md5") if file.md5 else None
    for what, value, wanted in (
        ("bytes", found["bytes"], file.bytes),
        ("md5", md5, file.md5),
        ("sha256", found["sha256"], file.sha256),
        ("sha256", found["sha256"], known.get("sha256")),
    ):
        if wanted is not None and value != wanted:
            path.unlink()
            published = wanted in (file.bytes, file.md5, file.sha256)
            when = "published" if published else "first fetched (downloads.json)"
            raise DataError(f"{file.url}: {what} is {value}, not {wanted} as {when}; not used")
    return found


def _is_page(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(512).lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html"))


def _http(file: Download, path: Path, progress: ReportProgress | None) -> None:
    pooch.get_logger().setLevel(logging.WARNING)
    part = path.with_name(f"{path.name}.part")
    # The digest is checked after pooch has put the file in place, for all kinds of source alike.
    pooch.retrieve(
        file.url, None, path.name, path.parent, downloader=Resuming(part, file.bytes, progress)
    )


def _drive(file: Download, path: Path, progress: ReportProgress | None) -> None:
    """Download from Google Drive by gdown, which resumes and shows its own bar."""
    import gdown

    if path.exists():
        return
    try:
        gdown.download(url=file.url, output=str(path), resume=True)
    except Exception as error:  # gdown lets errors of several libraries through
        raise DataError(
            f"{file.url}: Google Drive did not send the file ({short(error)})"
        ) from error
    if not path.is_file():
        raise DataError(f"{file.url}: Google Drive did not send the file")


def _hugging_face(url: str, folder: Path, commit: str | None) -> str:
    """Download a Hugging Face dataset's parquet files at the recorded commit, else today's."""
    from huggingface_hub import HfApi, snapshot_download

    repo = url.removeprefix("https://huggingface.co/datasets/")
    try:
        commit = commit or str(HfApi().dataset_info(repo).sha)
        snapshot_download(
            repo,
            repo_type="dataset",
            revision=commit,
            allow_patterns="*.parquet",
            local_dir=folder,
        )
    except Exception as error:  # errors of the library and of the connection alike
        raise DataError(f"{url}: Hugging Face did not send the dataset ({short(error)})") from error
    return commit
