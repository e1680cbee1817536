"""Requests: what a job is asked to make, read and checked against the code that will make it."""

import json
from pathlib import Path
from typing import Any

from rise.errors import ResultError
from rise.experiment.units import bank_path, method_identity, pack_path, texts_path


def read_request(path: Path) -> dict[str, Any]:
    """Read a unit's request.

    Raises:
        ResultError: it cannot be read, or other code than the installed one has planned it.
    """
    try:
        request: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        identity = request["identity"]
        method, own = identity["method"], request["method_file"]
        planned = [method, request["pack"], request["texts"], request["bank"]]
        manifest = request["manifest"]
        paths = [
            pack_path(identity["dataset"], manifest),
            texts_path(identity),
            bank_path(identity, manifest),
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ResultError(f"{path}: is no request of a unit; run snakemake to make it") from error
    if planned != [method_identity(method["name"], own), *map(str, paths)]:
        mend = "install the checkout (pip install -e .), or its image (make image), and run again"
        raise ResultError(
            f"{path}: was planned by other code than the installed rise; {mend}"
            if own is None
            else f"{path}: was planned before {own} or the installed rise changed; run again"
        )
    return request
