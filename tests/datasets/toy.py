"""A dataset of eight tiny images, its entry, and a web server that misbehaves on order."""

import io
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from rise.catalog.schema import Dataset

DOMAINS, CLASSES, EACH = ("ink", "oil paint"), ("Cat", "dog"), 2


def picture(seed: int, kind: str = "PNG", side: int = 16) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind)
    return out.getvalue()


def contents() -> dict[str, bytes]:
    """Path -> bytes of the dataset."""
    places = [f"{d}/{c}/{n}.png" for d in DOMAINS for c in CLASSES for n in range(EACH)]
    return {place: picture(seed) for seed, place in enumerate(places)}


def make_folder(folder: Path) -> Path:
    for place, data in contents().items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_bytes(data)
    return folder


def zipped(top: str = "toy/", files: dict[str, bytes] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for place, data in (contents() if files is None else files).items():
            # A fixed date: the same files give the same bytes at any second.
            archive.writestr(zipfile.ZipInfo(f"{top}{place}"), data)
    return out.getvalue()


def entry(*sources: dict[str, Any], **changes: Any) -> Dataset:
    return Dataset.model_validate(
        {
            "revision": 3,
            "title": "Toy, for tests",
            "images": 8,
            "domains": {
                "ink": {"style": "ink"},
                "oil_paint": {"style": "oil", "folder": "oil paint", "aliases": ["OIL"]},
            },
            "classes": "Cat dog",
            "templates": ["a {}"],
            "counts": {"ink": [2, 2], "oil_paint": [2, 2]},
            "sources": sources,
            "protocols": ["rise", "domainbed"],
            "licence": "none",
            **changes,
        }
    )


def http(url: str, **known: Any) -> dict[str, Any]:
    return {
        "title": "a server",
        "kind": "http",
        "files": [{"url": url, **known}],
        "layout": "folders",
        "protocols": ["rise"],
    }


class Server:
    """Serves files on 127.0.0.1; `faults` of a path are used up one an answer, then all is well.

    A fault: ("drop", n) closes after n bytes; ("hang", n) stops after n bytes; ("status", code,
    headers); ("page",) an HTML page with status 200; ("weak",) no ETag.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, list[tuple[Any, ...]]] = {}
        self.ranges: list[str | None] = []

    def put(self, name: str, data: bytes, *faults: tuple[Any, ...]) -> str:
        self.files[f"/{name}"], self.faults[f"/{name}"] = data, list(faults)
        return f"{self.url}/{name}"


@contextmanager
def serving() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            server.ranges.append(wanted)
            data, faults = server.files.get(self.path), server.faults.get(self.path, [])
            fault = faults.pop(0) if faults else ("none",)
            if data is None:
                fault = ("status", 404, {})
            if fault[0] == "status":
                self.send_response(fault[1])
                for key, value in fault[2].items():
                    self.send_header(key, value)
                self.end_headers()
                return
            if fault[0] == "page":
                data = b"\n<!DOCTYPE html><html>Quota exceeded</html>"
            assert data is not None
            etag = f'"{hash(data)}"'
            start = 0
            if wanted and self.headers.get("If-Range", etag) == etag:
                start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            self.send_header("Content-Length", str(len(data) - start))
            if fault[0] != "weak":
                self.send_header("ETag", etag)
            self.end_headers()
            upto = fault[1] if fault[0] in ("drop", "hang") else len(data)
            self.wfile.write(data[start:upto])
            self.wfile.flush()
            if fault[0] == "hang":
                time.sleep(30)

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    httpd.block_on_close = False
    server = Server(f"http://127.0.0.1:{httpd.server_address[1]}")
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        httpd.shutdown()
        httpd.server_close()
