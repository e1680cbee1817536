"""Download over http and continue where it stopped; pooch itself starts anew."""

import os
import shutil
import time
from pathlib import Path

import requests

from rise.errors import DataError, NoRoomError
from rise.utils.progress import ReportProgress

MB = 1_000_000
CHUNK = 1 << 16  # what comes after the last whole chunk of a broken connection is lost
LONGEST_WAIT = 300  # seconds; a server that asks for more is left alone


class Resuming:
    """A downloader for pooch that continues where a broken download stopped.

    A 429 or 5xx answer and a broken connection are tried again with back-off (Retry-After is
    honoured). Range is asked for with If-Range, so that a file changed meanwhile starts anew.
    """

    def __init__(
        self,
        part: Path,
        size: int | None = None,
        progress: ReportProgress | None = None,
        tries: int = 6,
        pause: float = 1.0,
    ) -> None:
        self.part, self.size, self.progress = part, size, progress
        self.tries, self.pause = tries, pause
        self.mark = part.with_name(f"{part.name}.etag")

    def __call__(self, url: str, output_file: str, pooch: object, check_only: bool = False) -> None:
        """Download `url` whole to `output_file`.

        Raises:
            DataError: refused, gone, not a file, or broken off `tries` times without a new byte.
        """
        failures = 0
        while True:
            before = self._done()
            try:
                self._go_on(url)
                break
            except (requests.RequestException, _TryAgain) as error:
                failures = 1 if self._done() > before else failures + 1
                if failures >= self.tries:
                    raise self._given_up(url, error) from error
                time.sleep(getattr(error, "wait", None) or self.pause * 2 ** (failures - 1))
        self.mark.unlink(missing_ok=True)
        os.replace(self.part, output_file)

    def _given_up(self, url: str, error: Exception) -> DataError:
        if not self._done():
            return DataError(f"{url}: sent nothing ({short(error)}); are you online?")
        return DataError(
            f"{url}: the download broke off after {self._done() / MB:.1f} MB ({short(error)}); run "
            "the same command again to continue there"
        )

    def _done(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def _go_on(self, url: str) -> None:
        start = self._done()
        headers = {"Accept-Encoding": "identity"}
        if start and self.mark.exists():
            headers |= {"Range": f"bytes={start}-", "If-Range": self.mark.read_text("utf-8")}
        with requests.get(url, headers=headers, stream=True, timeout=(20, 60)) as answer:
            self._accept(url, answer)
            if answer.status_code != 206:
                start = 0
            elif not answer.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
                self.mark.unlink(missing_ok=True)
                raise _TryAgain("another range than asked for")
            length = answer.headers.get("Content-Length")
            total = start + int(length) if length else None
            self._fits(url, start, total)
            etag = answer.headers.get("ETag", "")
            if etag and not etag.startswith("W/"):
                self.mark.write_text(etag, "utf-8")
            else:
                self.mark.unlink(missing_ok=True)
            with self.part.open("ab" if start else "wb") as out:
                for chunk in answer.iter_content(CHUNK):
                    out.write(chunk)
                    start += len(chunk)
                    if self.progress:
                        what = f"{url.rsplit('/', 1)[-1]} (MB)"
                        self.progress(what, start // MB, (total or start) // MB)
        if total is not None and start != total:  # urllib3 1 does not say so itself
            raise _TryAgain(f"{start} of {total} bytes arrived")

    def _accept(self, url: str, answer: requests.Response) -> None:
        status = answer.status_code
        if status == 416:  # the part is no beginning of what is there now
            self.part.unlink(missing_ok=True)
            raise _TryAgain("the server has another file now")
        if status == 429 or status >= 500:
            after = answer.headers.get("Retry-After", "")
            wait = int(after) if after.isdigit() else None
            if wait and wait > LONGEST_WAIT:
                raise DataError(
                    f"{url}: the server asks to wait {wait} s; run the same command again later"
                )
            raise _TryAgain(f"{status} {answer.reason}", wait)
        if status not in (200, 206):
            raise DataError(f"{url}: the server answers {status} {answer.reason}")
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            raise page_error(url)

    def _fits(self, url: str, start: int, total: int | None) -> None:
        if total is None:
            return
        if self.size is not None and total != self.size:
            raise DataError(f"{url}: has {total} bytes, not {self.size} as published; not used")
        free = shutil.disk_usage(self.part.parent).free
        if free < total - start:
            raise NoRoomError(
                f"{self.part.parent}: {(total - start) / MB:.0f} MB are still to come but only "
                f"{free / MB:.0f} MB are free; make room or use another --data-dir"
            )


class _TryAgain(Exception):
    """A fault that may pass; wait is the number of seconds that the server asks for."""

    def __init__(self, text: str, wait: int | None = None) -> None:
        super().__init__(text)
        self.wait = wait


def page_error(url: str) -> DataError:
    """Describe a web page under a file's address, as Drive serves one at its quota."""
    return DataError(
        f"{url}: serves a web page instead of the file (a quota or a notice); open it in a browser "
        "and give the archive to --from"
    )


def short(error: Exception) -> str:
    """Shorten an error of another library to one line."""
    text = str(error).split("\n", 1)[0]
    return text if len(text) < 120 else type(error).__name__
