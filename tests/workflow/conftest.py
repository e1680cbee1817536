"""Projects for tests: fresh ones, and copies of one that was run to its end."""

import shutil
from pathlib import Path

import pytest

from tests.workflow.project import Project, make_project


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project in which nothing was made yet; all others are copies of it."""
    return make_project(tmp_path_factory.mktemp("original") / "project")


@pytest.fixture(scope="session")
def reference(original: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A finished project, in a folder of its own; no test may change it."""
    project = copy(original, tmp_path_factory.mktemp("reference") / "project")
    done = project.snakemake()
    assert done.returncode == 0, done.stdout
    project.said = done.stdout
    return project


@pytest.fixture
def fresh(original: Project, tmp_path: Path) -> Project:
    """A project to change, in which nothing was made yet."""
    return copy(original, tmp_path / "project")


@pytest.fixture
def finished(reference: Project, tmp_path: Path) -> Project:
    """A finished project to change."""
    return copy(reference, tmp_path / "project")


def copy(project: Project, path: Path) -> Project:
    """A copy in another folder."""
    return Project(Path(shutil.copytree(project.path, path, symlinks=True)))
