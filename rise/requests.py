"""Requests: what a job is asked to make, read and checked against the code that will make it."""

import json
from pathlib import Path
from typing import Any

from rise.errors import ResultError
from rise.experiment import bank_path, pack_path, texts_path
from rise.sources import code_digest


def read_request(path: Path) -> dict[str, Any]:
    """Read a unit's request.

    Raises:
        ResultError: it cannot be read, or other code than the installed one has planned it.
    """
    try:
        request: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        identity = request["identity"]
        method = identity["method"]
        planned = [method["code"], request["pack"], request["texts"], request["bank"]]
        manifest = request["manifest"]
        paths = [
            pack_path(identity["dataset"], manifest),
            texts_path(identity),
            bank_path(identity, manifest),
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ResultError(f"{path}: is no request of a unit; run snakemake to make it") from error
    if planned != [code_digest(f"rise.methods.{method['name']}"), *map(str, paths)]:
        raise ResultError(
            f"{path}: was planned by other code than the installed rise; "
            "install the checkout (pip install -e .), or its image (make image), and run again"
        )
    return request
