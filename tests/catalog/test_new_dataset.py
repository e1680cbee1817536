"""A new dataset is one file of the catalog and nothing else."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENTRY = """
workshop:
  revision: 1
  title: Workshop, two kinds of tools in two styles
  images: 40
  domains:
    photo: {style: a photo}
    sketch: {style: a sketch}
  classes: hammer saw
  templates: ["a {}"]
  counts: {photo: [10, 10], sketch: [12, 8]}
  protocols: [rise, domainbed]
  licence: CC0-1.0
  bibtex: |
    @misc{me2026workshop,
      title = {Workshop}
    }
"""
EXPERIMENT = """
title: A new dataset
settings_note: Nothing was chosen.
datasets:
  workshop: {held_out: all}
methods:
  erm_text_init: {}
  hint: {}
variants:
  main: {student: tiny-resnet, teacher: tiny-clip, protocol: rise, views: {policy: none, count: 1}}
seeds: 2
contrasts: [[hint, erm_text_init]]
decision: {alpha: 0.05, level: 0.95, score: all}
"""
CITE = """
from pathlib import Path
from rise.config.load import load
from rise.report.prose.citations import bibtex
print(bibtex(load(Path("new.yaml"))))
"""


def test_a_dataset_is_added_by_one_file(tmp_path: Path) -> None:
    leave = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "rise", tmp_path / "rise", ignore=leave)
    (tmp_path / "data").symlink_to(ROOT / "data")
    (tmp_path / "rise/catalog/datasets/workshop.yaml").write_text(ENTRY)
    (tmp_path / "new.yaml").write_text(EXPERIMENT)

    def run(code: str, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    rise = "import sys; sys.argv[0] = 'rise'; from rise.cli import main; main()"
    listed = run(rise, "data", "list")
    (line,) = (line for line in listed.splitlines() if line.startswith("workshop"))
    assert line.split()[:5] == ["workshop", "1", "40", "2", "2"] and "CC0-1.0" in line
    planned = run(rise, "plan", "new.yaml")
    (line,) = (line for line in planned.splitlines() if line.startswith("workshop, main"))
    # Two held-out domains, two methods, two seeds.
    assert line.split()[2:4] == ["8", "8"]
    assert "@misc{me2026workshop," in run(CITE)
