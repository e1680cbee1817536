"""Projects with the real image; it must have been built (make image)."""

import shutil
from pathlib import Path

import pytest

from tests.workflow.project import ROOT, Project, make_project

IMAGE = ROOT / "rise.sif"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project in which nothing was made, with the checkout's image."""
    assert shutil.which("apptainer"), "these tests need Apptainer"
    assert IMAGE.is_file(), "these tests need the image: make image"
    project = make_project(tmp_path / "project", traced=False)
    (project.path / "rise.sif").symlink_to(IMAGE)
    return project
