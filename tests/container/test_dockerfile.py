"""Both recipes by hand: the Dockerfile built by buildah, its SIF, and envs/rise.def's agree."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rise.utils.io import file_digest
from tests.workflow.project import ROOT, Project

pytestmark = pytest.mark.dockerfile
# chroot: needs no cgroups and no network of its own. vfs: needs no overlay file system.
BUILDAH = ("buildah", "--storage-driver", "vfs")
NAME = "localhost/rise-bench"


def tool(*command: str, cwd: Path = ROOT) -> str:
    """Run a tool, show how long it took, and return what it printed."""
    started = time.monotonic()
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    print(f"{time.monotonic() - started:6.1f} s  {' '.join(command)[:90]}")
    return done.stdout.strip()


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of its own for trees and images, gone afterwards (tens of GB)."""
    folder = tmp_path_factory.mktemp("images")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BUILDAH_ISOLATION", "chroot")
        for name in ("APPTAINER_TMPDIR", "TMPDIR"):
            patch.setenv(name, str(folder))
        global BUILDAH
        BUILDAH = (*BUILDAH, "--root", str(folder / "store"), "--runroot", str(folder / "run"))
        yield folder
        subprocess.run([*BUILDAH, "rm", "--all"], capture_output=True)
        subprocess.run([*BUILDAH, "rmi", "--all", "--force"], capture_output=True)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def docker(scratch: Path) -> str:
    """A container of the image that the Dockerfile gives on a local base."""
    tool("tests/container/base.sh", str(scratch / "base"))
    base = tool(*BUILDAH, "from", "scratch")
    tool(*BUILDAH, "add", "--quiet", base, str(scratch / "base/tree"))
    tool(*BUILDAH, "commit", "--quiet", base, "localhost/base")
    tool(*BUILDAH, "rm", base)
    arguments = ("--build-arg", "BASE=localhost/base", "--build-arg", "REVISION=tried")
    tool(*BUILDAH, "bud", "--quiet", "--format", "docker", *arguments, "-t", NAME, ".")
    return tool(*BUILDAH, "from", NAME)


@pytest.fixture(scope="module")
def sif(scratch: Path, docker: str) -> Path:
    """The Dockerfile's image as a SIF."""
    archive, image = scratch / "docker.tar", scratch / "docker.sif"
    tool(*BUILDAH, "push", "--quiet", NAME, f"docker-archive:{archive}")
    quick = ("--mksquashfs-args", "-comp zstd -Xcompression-level 3")
    tool("apptainer", "--quiet", "build", *quick, str(image), f"docker-archive:{archive}")
    return image


def test_the_image_says_what_it_is_and_runs_as_nobody_special(docker: str) -> None:
    about = json.loads(tool(*BUILDAH, "inspect", "--type", "image", NAME))["Docker"]["config"]
    assert about["Labels"]["org.opencontainers.image.revision"] == "tried"
    assert about["User"] == "rise" and about["Entrypoint"] == ["rise"]
    assert about["Healthcheck"]["Test"] == ["CMD", "rise", "selftest"]
    assert tool(*BUILDAH, "run", docker, "--", "id", "-u") == "1000"
    assert "two training steps on CPU" in tool(*BUILDAH, "run", docker, "--", "rise", "selftest")
    left = "find / -xdev ( -name uv -o -name pip ) -path */.cache/*"
    assert tool(*BUILDAH, "run", "--user", "root", docker, "--", *left.split()) == ""


def test_all_recipes_install_the_same(docker: str, sif: Path) -> None:
    found = {
        "docker": tool(*BUILDAH, "run", docker, "--", "rise", "about", "--json"),
        "docker as SIF": tool("apptainer", "exec", str(sif), "rise", "about", "--json"),
        "rise.def": tool("apptainer", "exec", "rise.sif", "rise", "about", "--json"),
        "host": tool("rise", "about", "--json"),
    }
    said = {name: json.loads(text) for name, text in found.items()}
    print(json.dumps(said, indent=2))
    for key in ("environment", "code", "rise", "torch"):
        assert len({one[key] for one in said.values()}) == 1, key


def test_the_smallest_unit_gives_the_same_record(project: Project, docker: str, sif: Path) -> None:
    key = sorted(project.keys("rise"))[0]
    record = f"results/mini/units/{key}/record.json"
    line = ("snakemake", "--cores", "2", "--configfile", "config/mini.yaml")
    shutil.rmtree(project.path / "data")  # links lead out of a container: real files
    shutil.copytree(ROOT / "data", project.path / "data")
    tool("chown", "-R", "1000:1000", str(project.path))
    mount = ("--volume", f"{project.path}:/project", "--workingdir", "/project")
    inside = tool(*BUILDAH, "run", *mount, docker, "--", *line, "--", record)
    found = {"docker": made(project, key)}
    for name, image in (("docker as SIF", sif), ("rise.def", ROOT / "rise.sif")):
        (project.path / "rise.sif").unlink()
        (project.path / "rise.sif").symlink_to(image)
        tool(*line, "--use-singularity", "--", record, cwd=project.path)
        found[name] = made(project, key)
    assert len(set(found.values())) == 1, (found, inside)


def made(project: Project, key: str) -> tuple[str, str]:
    """Science and predictions of a unit, which is then taken away with all that it was made of."""
    science = json.loads(project.file(key).read_text())["science"]
    found = json.dumps(science, sort_keys=True), file_digest(project.file(key, "predictions.npz"))
    shutil.rmtree(project.path / "results")
    shutil.rmtree(project.path / "work")
    return found
