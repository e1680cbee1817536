"""DVC around the workflow: repro, kills, other experiments, push and pull; on the smallest one."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from tests.workflow.project import ROOT, Project, make_project

UP_TO_DATE = "Data and pipelines are up to date."


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A repository in which `dvc repro` has run the mini experiment; no test may change it."""
    project = make_project(tmp_path_factory.mktemp("dvc") / "project")
    project.configure(lambda values: values.update(seeds=1))
    shutil.rmtree(project.path / "data")
    for name in (".dvc", "data"):
        shutil.copytree(ROOT / name, project.path / name, ignore=shutil.ignore_patterns("tmp"))
    for name in ("dvc.yaml", ".dvcignore", ".gitignore"):
        shutil.copy(ROOT / name, project.path / name)
    (project.path / "params.yaml").write_text("experiment: mini\n")
    with (project.path / ".gitignore").open("a") as file:
        file.write("trace.txt\n")
    run(project, "git", "init", "-q")
    for key in ("user.name", "user.email"):
        run(project, "git", "config", key, "test@example.org")
    commit(project)
    done = run(project, "dvc", "repro")
    assert "dvc push" in done
    commit(project)
    return project


@pytest.fixture
def project(made: Project, tmp_path: Path) -> Project:
    """A copy to change."""
    return Project(Path(shutil.copytree(made.path, tmp_path / "project")))


def run(project: Project, *command: str, fails: bool = False) -> str:
    """Run a command, which must end well (or fail), and return what it said."""
    done = project.run(*command)
    assert (done.returncode != 0) == fails, done.stdout
    return done.stdout


def commit(project: Project) -> None:
    """Commit all that git does not ignore."""
    run(project, "git", "add", "-A")
    run(project, "git", "commit", "-qm", "state")


def computed(project: Project) -> int:
    """How many trials have been computed."""
    return (project.path / "trace.txt").read_text().count("end")


def test_a_second_repro_does_nothing(project: Project) -> None:
    before = project.records()
    assert len(before) == 4
    assert UP_TO_DATE in run(project, "dvc", "repro")
    assert project.records() == before


def test_another_experiment_leaves_the_first_ones_results(project: Project) -> None:
    before = project.records()
    other = yaml.safe_load((project.path / "config/mini.yaml").read_text())
    other["datasets"]["emojidg"]["held_out"] = ["noto"]
    (project.path / "config/other.yaml").write_text(yaml.safe_dump(other))
    commit(project)
    run(project, "dvc", "exp", "run", "-S", "experiment=other")
    assert (project.path / "reports/other/report.md").is_file()
    assert project.records() == before
    assert "results/other/metrics.json" in run(project, "dvc", "metrics", "show")
    commit(project)
    changed = run(project, "dvc", "metrics", "diff", "HEAD~1")
    assert "results/other/metrics.json" in changed
    run(project, "dvc", "plots", "show")
    assert list((project.path / "dvc_plots").rglob("*differences.png"))


def test_a_killed_repro_goes_on_where_it_stopped(project: Project) -> None:
    project.configure(lambda values: values.update(seeds=3))
    had = computed(project)
    process = subprocess.Popen(
        ("dvc", "repro"), cwd=project.path, env=project.environment, start_new_session=True
    )
    deadline = time.monotonic() + 120
    while computed(project) < had + 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    finished = project.records()
    assert 4 <= len(finished) < 12
    # What a kill in the moment of writing leaves, seen once in seven kills.
    (project.path / "dvc.lock").write_text("")
    assert "dvc.lock" in run(project, "dvc", "repro", fails=True)
    run(project, "git", "checkout", "-q", "dvc.lock")
    run(project, "dvc", "repro")
    assert len(project.records()) == 12
    assert finished.items() <= project.records().items()
    # Each trial to its end once: those of before, and twelve less those.
    assert computed(project) == 12


def test_results_come_back_in_another_clone_and_no_unit_runs(
    project: Project, tmp_path: Path
) -> None:
    run(project, "dvc", "push")
    clone = Project(tmp_path / "clone")
    subprocess.run(["git", "clone", "-q", project.path, clone.path], check=True)
    run(clone, "dvc", "pull")
    assert clone.records() == project.records()
    # Reports are no output; this one is made from the records.
    assert clone.planned() == (set(), {"report"})
    assert UP_TO_DATE in run(clone, "dvc", "repro")
    assert not (clone.path / "trace.txt").exists()


def test_a_damaged_object_of_the_store_is_found(project: Project, tmp_path: Path) -> None:
    run(project, "dvc", "push")
    record = next(iter(project.records()))
    digest = subprocess.run(
        ["md5sum", project.file(record)], capture_output=True, text=True, check=True
    ).stdout[:32]
    stored = tmp_path / "rise-store/files/md5" / digest[:2] / digest[2:]
    assert stored.is_file()
    stored.chmod(0o644)
    stored.write_bytes(stored.read_bytes().replace(b"correct", b"korrect"))
    clone = Project(tmp_path / "clone")
    subprocess.run(["git", "clone", "-q", project.path, clone.path], check=True)
    run(clone, "dvc", "pull", fails=True)
    assert not clone.file(record).exists() or b"korrect" not in clone.file(record).read_bytes()
