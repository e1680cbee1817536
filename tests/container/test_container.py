"""The workflow inside real Apptainer: the same results as outside, and nothing of the host."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rise.runtime import container
from rise.utils.io import file_digest
from tests.workflow.project import Project

pytestmark = pytest.mark.container
CONTAINER = "--use-singularity"
SMOKE = ("snakemake", "--cores", "2", "--configfile", "config/smoke.yaml")
NOTHING = "Nothing to be done"


def test_a_run_without_network_equals_the_hosts_and_neither_repeats_the_other(
    project: Project,
) -> None:
    results, aside = project.path / "results", project.path / "aside"
    done = project.run("unshare", "--net", *SMOKE, CONTAINER)
    assert done.returncode == 0, done.stdout
    assert NOTHING in project.run(*SMOKE, "-n").stdout
    inside = science(results / "smoke")
    image = f"rise.sif sha256:{file_digest(project.path / 'rise.sif')}"
    assert provenance(results / "smoke", "image") == {image}
    environment = provenance(results / "smoke", "environment")
    report = (results.parent / "reports/smoke/report.md").read_text()
    assert re.search(rf"\| Container image +\| {re.escape(image)} +\| +8 \|", report)

    (project.path / "work").rename(project.path / "old-work")
    results.rename(aside)
    done = project.run(*SMOKE)
    assert done.returncode == 0, done.stdout
    assert NOTHING in project.run(*SMOKE, CONTAINER, "-n").stdout
    assert science(results / "smoke") == inside
    assert len(inside) == 8
    assert provenance(results / "smoke", "image") == {None}
    assert provenance(results / "smoke", "environment") == environment


def test_nothing_of_the_host_is_used(project: Project, tmp_path: Path) -> None:
    """Broken packages in the user's site and on PYTHONPATH, and a foreign venv first in PATH."""
    home, path, venv = tmp_path / "home", tmp_path / "path", tmp_path / "venv"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for site in (home / ".local/lib" / version / "site-packages", path):
        (site / "torch").mkdir(parents=True)
        (site / "torch/__init__.py").write_text("raise SystemExit('a foreign torch')\n")
    for name in ("python", "python3", "rise"):
        program = venv / "bin" / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\necho a foreign program >&2; exit 99\n")
        program.chmod(0o755)
    hostile = {
        **project.environment,
        "HOME": str(home),
        "PYTHONPATH": f"{path}:{project.path}",
        "VIRTUAL_ENV": str(venv),
        "PATH": f"{venv / 'bin'}:{os.environ['PATH']}",
    }
    key = sorted(project.keys("rise"))[0]
    snakemake = str(Path(sys.executable).with_name("snakemake"))
    line = [snakemake, *(["--cores", "2", "--configfile", "config/mini.yaml"])]

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        target = f"results/mini/units/{key}/record.json"
        return subprocess.run(
            [*line, *more, "--", target],
            cwd=project.path,
            env=hostile,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )

    on_host = run()
    assert on_host.returncode == 1 and "a foreign torch" in on_host.stdout, on_host.stdout
    inside = run(CONTAINER)
    assert inside.returncode == 0, inside.stdout
    assert json.loads(project.file(key).read_text())["digest"]


def test_only_the_project_is_seen_and_its_data_are_read_only(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SECRET", "of the host")
    monkeypatch.chdir(project.path)
    (tmp_path / "private.txt").write_text("of the host")
    given = container.joined("", container.arguments())
    start = f"apptainer --silent exec --home '{project.path}' {given} rise.sif sh -c"

    def inside(command: str) -> subprocess.CompletedProcess[str]:
        return project.run("sh", "-c", f"{start} '{command}'")

    assert inside(f"ls {project.path}/Snakefile").returncode == 0
    assert inside(f"cat {tmp_path}/private.txt").returncode != 0
    assert inside("echo [$SECRET]").stdout == "[]\n"
    assert "Read-only file system" in inside("touch data/new").stdout
    assert "Read-only file system" in inside("touch data/emoji/new").stdout
    assert inside("mkdir results && touch results/new").returncode == 0


def test_a_path_with_a_space_works(project: Project, tmp_path: Path) -> None:
    project.path = project.path.rename(tmp_path / "my project")
    key = sorted(project.keys("erm"))[0]
    done = project.snakemake(CONTAINER, "--", f"results/mini/units/{key}/record.json")
    assert done.returncode == 0, done.stdout


def test_an_image_of_other_code_starts_no_job(project: Project) -> None:
    project.edit(
        "rise/methods/_losses.py", "    return F.cross_entropy(", "    return 1 * F.cross_entropy("
    )
    done = project.snakemake(CONTAINER)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == (
        "rise: rise.sif: holds other code than this checkout; build it again (make image)"
    )
    assert not (project.path / "work/decoded").exists()


def test_a_gpu_job_without_a_gpu_fails_with_the_reason(project: Project) -> None:
    done = project.run("apptainer", "exec", "rise.sif", "rise", "selftest", "--device", "cuda")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith(
        "rise: device: cuda, but this job sees no usable GPU: this machine has no NVIDIA driver"
    )


def science(results: Path) -> dict[str, tuple[str, str]]:
    """Science and predictions by unit."""
    return {
        str(path.parent.relative_to(results)): (
            json.dumps(json.loads(path.read_text())["science"], sort_keys=True),
            file_digest(path.with_name("predictions.npz")),
        )
        for path in results.rglob("record.json")
    }


def provenance(results: Path, key: str) -> set[str | None]:
    """What the records say of where they were made."""
    return {
        json.loads(path.read_text())["provenance"][key] for path in results.rglob("record.json")
    }
