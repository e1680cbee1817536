"""A project in a folder of its own, where real Snakemake runs train a cut-down smoke experiment."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from rise.config.load import load
from rise.planning.units import units
from rise.utils.io import digest, file_digest

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("Snakefile", "workflow", "profiles", "config", "rise")
COMMAND = ("snakemake", "--cores", "2", "--configfile", "config/mini.yaml")
# Says when a trial is computed, so that a test sees two writers, or a trial computed again.
TRACE = '''
_untraced = run_trial


def run_trial(request, setting, data, folder):
    """Write down begin and end of what is not there already."""
    if (folder / "trial.json").is_file():
        return _untraced(request, setting, data, folder)
    with open("trace.txt", "a") as file:
        file.write(f"begin {folder}\\n")
    try:
        return _untraced(request, setting, data, folder)
    finally:
        with open("trace.txt", "a") as file:
            file.write(f"end {folder}\\n")
'''


@dataclass
class Project:
    """A copy of the project with a package of its own."""

    path: Path
    said: str = ""  # what its first run printed

    @property
    def environment(self) -> dict[str, str]:
        """The environment of commands: this copy's package, the tests' Python, wide lines."""
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {**os.environ, "PATH": programs, "PYTHONPATH": str(self.path), "COLUMNS": "400"}

    def run(self, *command: str, timeout: int = 300) -> subprocess.CompletedProcess[str]:
        """Run a command in the project; stdout holds stderr too."""
        return subprocess.run(
            command,
            cwd=self.path,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
        )

    def snakemake(self, *more: str) -> subprocess.CompletedProcess[str]:
        """Run the experiment."""
        return self.run(*COMMAND, *more)

    def start(self) -> subprocess.Popen[bytes]:
        """Start the experiment in a process group of its own."""
        return subprocess.Popen(
            COMMAND,
            cwd=self.path,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def planned(self) -> tuple[set[str], set[str]]:
        """Keys of the units, and names of the other rules, that a dry run lists."""
        done = self.snakemake("-n", "--verbose")
        assert done.returncode == 0, done.stdout
        keys, rules = set(), set(re.findall(r"Would run (\w+)", done.stdout))
        for line in re.findall(r"Would run unit.*\n\s*Wildcards: (.*)", done.stdout):
            named = dict(part.strip().split("=") for part in line.split(","))
            keys.add("{dataset}/{variant}/{method}/{held_out}/seed{seed}".format(**named))
        return keys, rules - {"unit", "all"}

    def keys(self, word: str = "") -> set[str]:
        """Keys of the experiment's units that hold a word."""
        return {unit.key for unit in units(self.experiment) if word in unit.key}

    @property
    def experiment(self) -> Any:
        """The declared experiment."""
        return load(self.path / "config" / "mini.yaml")

    def file(self, key: str, name: str = "record.json") -> Path:
        """A file of a unit."""
        return self.path / "results" / "mini" / "units" / key / name

    def records(self) -> dict[str, bytes]:
        """Records by key."""
        found = {key: self.file(key) for key in self.keys()}
        return {key: path.read_bytes() for key, path in found.items() if path.exists()}

    def science(self) -> dict[str, tuple[str, str]]:
        """Digests of science and of predictions by unit."""
        return {
            key: (
                digest(json.loads(text)["science"]),
                file_digest(self.file(key, "predictions.npz")),
            )
            for key, text in self.records().items()
        }

    def configure(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Change the experiment file."""
        path = self.path / "config" / "mini.yaml"
        values = yaml.safe_load(path.read_text())
        change(values)
        path.write_text(yaml.safe_dump(values, sort_keys=False))

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace a piece of a source file, which must be there."""
        path = self.path / file
        text = path.read_text()
        assert old in text, f"{file} holds no {old!r}"
        path.write_text(text.replace(old, new, 1))


def cut_down(values: dict[str, Any]) -> None:
    """One epoch, one view, one setting: the smoke experiment in seconds."""
    values["variants"]["main"]["views"]["count"] = 1
    values["variants"]["main"]["recipe"].update(epochs=1, lr=0.03)


def make_project(path: Path, traced: bool = True) -> Project:
    """Copy the project's own files; data are linked, folder by folder."""
    path.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, path / name)
    (path / "data").mkdir()
    for folder in (ROOT / "data").iterdir():
        (path / "data" / folder.name).symlink_to(folder)
    shutil.copy(path / "config" / "smoke.yaml", path / "config" / "mini.yaml")
    project = Project(path)
    project.configure(cut_down)
    if traced:
        trial = path / "rise" / "training" / "trial.py"
        trial.write_text(trial.read_text() + TRACE)
    return project
