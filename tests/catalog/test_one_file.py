"""A student, a protocol, a view policy and an average are one file each: tried in a copy."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from rise.catalog import declared
from rise.catalog.students import _info
from rise.errors import ConfigError

ROOT = Path(__file__).parents[2]
FILES = {
    "students/tiny_timm.py": (
        '"""Tiny timm: a test network."""\n\n'
        'DECLARATION = {"timm": "test_resnet", "image_size": 32}\n'
    ),
    "students/flat.py": (
        '"""Flat: mean colours."""\n\n'
        "from rise.students._trunk import Trunk\n\n"
        'DECLARATION = {"image_size": 32}\n\n\n'
        "class Flat(Trunk):\n    features = 3\n\n"
        "    def __init__(self):\n        super().__init__((0.5,) * 3, (0.5,) * 3)\n\n"
        "    def pooled(self, x):\n        return x.mean((2, 3))\n"
    ),
    "datasets/protocols/parts.py": (
        '"""Parts: as identity_disjoint.\n\nSaid of parts.\n"""\n\n'
        "from rise.datasets.protocols.identity_disjoint import parts, scored  # noqa: F401\n\n"
        'DECLARATION = {"train_fraction": 0.6, "identities": True}\n'
    ),
    "views/mirror.py": (
        '"""Mirror: every other view is flipped."""\n\n'
        'DECLARATION = {"small": True}\n\n\n'
        "def views(plain, keys, index):\n    return plain.flip(3)\n"
    ),
    "averages/still.py": (
        '"""Still: EMA under another name."""\n\n'
        "from rise.averages import ema\n\nDECLARATION = {}\n\n\n"
        "class Average(ema.Average):\n    pass\n"
    ),
}
VARIANT = {
    "teacher": "tiny-clip",
    "protocol": "parts",
    "views": {"policy": "mirror", "count": 1},
    "recipe": {"epochs": 1, "batch_size": 256, "average": "still"},
    "start": "scratch",
}
UNIT = "results/one/units/objects/{}/erm_text_init/noto/seed0/record.json"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with one file more of each kind, and an experiment that uses them."""
    path = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "rise", path / "rise", ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in FILES.items():
        (path / "rise" / name).write_text(text)
    catalog = path / "rise/catalog/datasets/emoji.yaml"
    known = "protocols: [identity_disjoint]"
    assert known in catalog.read_text()
    catalog.write_text(catalog.read_text().replace(known, "protocols: [parts]"))
    for name in ("Snakefile", "workflow", "profiles"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, path / name)
    (path / "data").symlink_to(ROOT / "data")
    variants = {name: {**VARIANT, "student": name} for name in ("flat", "tiny_timm")}
    values = {
        "title": "one file each",
        "datasets": {"objects": {"held_out": ["noto"]}},
        "methods": {"erm_text_init": {}},
        "variants": variants,
        "seeds": 1,
    }
    (path / "config").mkdir()
    (path / "config/one.yaml").write_text(yaml.safe_dump(values))
    return path


def run(project: Path, *command: str) -> str:
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": programs, "PYTHONPATH": str(project), "COLUMNS": "300"}
    done = subprocess.run(
        command,
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_they_are_listed_and_train_to_a_report(project: Path) -> None:
    listed = run(project, "rise", "student", "list")
    assert "tiny_timm" in listed and "flat" in listed
    run(project, "snakemake", "--cores", "2", "--configfile", "config/one.yaml")
    science = [
        json.loads((project / UNIT.format(name)).read_text())["science"]
        for name in ("flat", "tiny_timm")
    ]
    networks = [one["identity"]["student"]["network"] for one in science]
    assert networks == ["flat", "test_resnet"]
    assert science[0]["identity"]["code"] != science[1]["identity"]["code"]
    assert "Said of parts." in (project / "reports/one/report.md").read_text()


def test_another_protocol_or_policy_file_re_runs_nothing(project: Path) -> None:
    code = (
        "from pathlib import Path; from rise.config.load import load;"
        "from rise.planning.units import units;"
        "print([unit.digest for unit in units(load(Path('config/one.yaml')))])"
    )
    before = run(project, sys.executable, "-c", code)
    for name in ("datasets/protocols/unused.py", "views/unused.py", "students/unused.py"):
        text = FILES["students/tiny_timm.py" if "students" in name else "views/mirror.py"]
        (project / "rise" / name).write_text(text)
    (project / "rise/datasets/protocols/unused.py").write_text(FILES["datasets/protocols/parts.py"])
    assert run(project, sys.executable, "-c", code) == before


@pytest.mark.parametrize(
    "text",
    [
        'DECLARATION = {"image_size": 32}\n',
        'DECLARATION = {"timm": "x", "image_size": 32}\n\n\nclass Net: ...\n',
        'DECLARATION = {"timm": "x"}\n',
    ],
)
def test_a_student_is_either_a_network_or_a_tag(tmp_path: Path, text: str) -> None:
    """One without timm is not the tiny network in silence."""
    path = tmp_path / "net.py"
    path.write_text(text)
    found = declared.read_declared(path)
    assert found is not None
    with pytest.raises(ConfigError, match=r"needs image_size, and either timm .* or a class"):
        _info(found)
