"""What --use-singularity gives Apptainer, and what it refuses; a script stands in for Apptainer."""

import json
import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from snakemake.deployment.singularity import Singularity, shellcmd

from rise.errors import DataError
from rise.runtime import container
from rise.runtime.snakefile import _outside
from rise.utils.code_digest import package_digest
from rise.utils.environment import about
from rise.utils.io import file_digest


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    # What a test puts into the environment goes with it.
    for name in ("RISE_IMAGE", "CUDA_VISIBLE_DEVICES"):
        monkeypatch.setenv(f"APPTAINERENV_{name}", "")
        monkeypatch.setenv(f"SINGULARITYENV_{name}", "")


def stand_in(says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An apptainer that prints its arguments into a file and says something."""
    program = Path("bin/apptainer")
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho \"$@\" > asked\ncat <<'END'\n{says}\nEND\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent.resolve()}:/usr/bin:/bin")


def test_no_engine_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(DataError, match=r"^--use-singularity needs Apptainer, .* leave the flag"):
        container.check_engine()


def test_a_missing_image_names_the_command() -> None:
    with pytest.raises(DataError, match=r"^rise.sif: there is no such image; .*make image"):
        container.check_image("rise.sif", Path("rise.sif"))


@pytest.mark.parametrize(
    ("says", "refused"),
    [
        (json.dumps({"code": "0" * 64}), r"holds other code than this checkout; .*make image"),
        ("FATAL: not a SIF", r"`rise about` does not run in it \(FATAL: not a SIF\).*make image"),
        ("", r"it says nothing"),
        ("[]", r"does not run in it"),
    ],
)
def test_a_wrong_image_is_refused(says: str, refused: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(says, monkeypatch)
    Path("rise.sif").touch()
    with pytest.raises(DataError, match=refused):
        container.check_image("rise.sif", Path("rise.sif"))


def test_an_image_of_this_code_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(json.dumps({"code": package_digest()}), monkeypatch)
    Path("rise.sif").touch()
    container.check_image("rise.sif", Path("rise.sif"))
    assert Path("asked").read_text().endswith("rise.sif rise about --json\n")
    assert "--cleanenv --contain" in Path("asked").read_text()


def test_an_images_name_holds_the_digest_of_its_file() -> None:
    file = Path("rise.sif")
    file.write_bytes(b"one")
    name = container.image_name("rise.sif", file)
    assert name == f"rise.sif sha256:{file_digest(file)}"
    assert container.image_name("rise.sif", file) == name
    file.write_bytes(b"another")
    assert container.image_name("rise.sif", file) == f"rise.sif sha256:{file_digest(file)}" != name


def test_a_kept_digest_saves_reading_the_file() -> None:
    file = Path("rise.sif")
    file.write_bytes(b"one")
    name, stat = container.image_name("rise.sif", file), file.stat()
    file.write_bytes(b"two")  # as long as before, and dated back
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert container.image_name("rise.sif", file) == name


def test_an_address_lies_where_snakemake_pulls_it() -> None:
    # md5 of the address: snakemake/deployment/singularity.py, Image.path.
    address = "docker://example.org/rise:1"
    file = container.image_file(address)
    assert file == Path(".snakemake/singularity/155d52213f2f558ec29277cbf4f65ddc.simg")
    assert container.image_file(address, "/pulled").parent == Path("/pulled")
    assert container.image_file("images/rise.sif") == Path("images/rise.sif")


def test_data_are_read_only_and_links_are_followed(tmp_path: Path) -> None:
    for folder in ("elsewhere/pacs", "scratch", "data/own"):
        Path(folder).mkdir(parents=True)
    Path("data/pacs").symlink_to(Path("elsewhere/pacs").resolve())
    Path("work").symlink_to(Path("scratch").resolve())
    given = container.arguments()
    assert f"--bind={tmp_path}/data:{tmp_path}/data:ro" in given
    assert f"--bind={tmp_path}/elsewhere/pacs:{tmp_path}/elsewhere/pacs:ro" in given
    assert f"--bind={tmp_path}/scratch:{tmp_path}/scratch" in given
    assert len([word for word in given if word.startswith("--bind")]) == 3


@pytest.mark.parametrize("driver", [True, False])
def test_gpu_support_is_on_exactly_where_a_driver_is(
    driver: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "has_driver", lambda: driver)
    assert ("--nv" in container.arguments()) == driver


def test_a_job_elsewhere_keeps_the_users_arguments_and_looks_for_its_own_gpu(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(container, "has_driver", lambda: True)
    submitted = container.joined("--bind '/a b:/a b'", container.arguments())
    assert submitted.endswith("--nv --bind '/a b:/a b'")
    monkeypatch.setattr(container, "has_driver", lambda: False)
    there = container.joined(submitted, container.arguments())
    assert there == "--cleanenv --contain --env=PYTHONNOUSERSITE=1 --bind '/a b:/a b'"


def test_data_outside_of_the_project_are_read_only_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "link").symlink_to("shared")
    given = container.arguments([Path("link")])
    assert f"--bind={tmp_path}/shared:{tmp_path}/link:ro" in given
    monkeypatch.setenv("APPTAINERENV_RISE_DATA", "")
    monkeypatch.setenv("SINGULARITYENV_RISE_DATA", "")
    monkeypatch.setenv("RISE_DATA", str(tmp_path / "shared"))
    container.pass_in("rise.sif")
    assert os.environ["APPTAINERENV_RISE_DATA"] == str(tmp_path / "shared")


def test_chosen_gpus_and_the_images_name_reach_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1,3")
    container.pass_in("rise.sif sha256:1")
    assert os.environ["APPTAINERENV_CUDA_VISIBLE_DEVICES"] == "1,3"
    assert os.environ["APPTAINERENV_RISE_IMAGE"] == "rise.sif sha256:1"
    monkeypatch.setenv("RISE_IMAGE", os.environ["APPTAINERENV_RISE_IMAGE"])
    assert about()["image"] == "rise.sif sha256:1"


def test_what_an_experiment_names_outside_of_the_project_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside, project = tmp_path / "outside", tmp_path / "project"
    for folder in (outside, outside / "data", project / "rise"):
        folder.mkdir(parents=True)
    for name in ("clip.pt", "start.safetensors", "mine.py"):
        (outside / name).touch()
    experiment = SimpleNamespace(
        datasets={
            "own": SimpleNamespace(folder="../outside/own"),
            "pacs": SimpleNamespace(folder=None),
        },
        # `rise` names a method, and also a folder of the project.
        methods={
            "mine": SimpleNamespace(file=str(outside / "mine.py")),
            "rise": SimpleNamespace(file=None),
        },
        variants_used=[
            SimpleNamespace(teacher=str(outside / "clip.pt"), start="pretrained"),
            SimpleNamespace(teacher="rise", start="../outside/start.safetensors"),
        ],
    )
    (outside / "own").mkdir()
    monkeypatch.chdir(project)
    monkeypatch.setenv("RISE_DATA", str(outside / "data"))
    found = {path.resolve().name for path in _outside(experiment)}
    assert found == {"clip.pt", "start.safetensors", "mine.py", "own", "data"}
    monkeypatch.setenv("RISE_DATA", str(tmp_path / "none"))
    assert "data" not in {path.name for path in _outside(experiment)}


@pytest.mark.parametrize("name", ["it's my Käse {x}", "a $(touch X) b", "`touch X`;#&|*"])
def test_a_project_may_lie_in_a_folder_of_almost_any_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / name
    (project / "data").mkdir(parents=True)
    monkeypatch.chdir(project)
    container.check_line(Path("rise.sif"))
    program = tmp_path / "bin" / "apptainer"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
    program.chmod(0o755)
    monkeypatch.setattr(Singularity(), "binary", str(program))
    line = shellcmd("rise.sif", "true", args=container.joined("", container.arguments()))
    said = subprocess.run(line, shell=True, capture_output=True, text=True).stdout.splitlines()
    assert said[:3] == ["exec", "--home", str(project)]
    assert f"--bind={project}/data:{project}/data:ro" in said
    assert said[-4:] == ["rise.sif", "sh", "-c", "true"]
    assert not list(tmp_path.rglob("X"))


@pytest.mark.parametrize("name", ["it's $(touch X)", 'it\'s "so"', "a\\b", "it's a `b`"])
def test_a_folder_whose_name_a_shell_would_change_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / name)
    with pytest.raises(DataError, match="cannot start Apptainer in a folder of this name"):
        container.check_line(Path("rise.sif"))


def test_paths_that_apptainer_cannot_mount_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a:b", "a,b"):
        (tmp_path / name / "data").mkdir(parents=True)
        monkeypatch.chdir(tmp_path)
        with pytest.raises(DataError, match=f"{name}: Apptainer mounts no path with : or , in it"):
            container.arguments([tmp_path / name])
        monkeypatch.chdir(tmp_path / name)
        with pytest.raises(DataError, match=f"{name}/data: Apptainer mounts no path"):
            container.arguments()
    with pytest.raises(DataError, match="put it elsewhere with --apptainer-prefix"):
        container.check_line(tmp_path / "my project" / "pulled.simg")
