"""The two image recipes and the lock: one base, one set of packages, one environment."""

import re
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
DEFINITION = (ROOT / "envs/rise.def").read_text()
LOCK = (ROOT / "envs/lock.txt").read_text()


def test_both_recipes_start_from_the_same_pinned_base() -> None:
    (docker,) = re.findall(r"^ARG BASE=(\S+)$", DOCKERFILE, re.M)
    (apptainer,) = re.findall(r"^    BASE=(\S+)$", DEFINITION, re.M)
    assert docker == apptainer
    assert re.fullmatch(r"docker\.io/library/python:3\.\d+\.\d+-slim-[a-z]+", docker)


def test_both_recipes_run_the_one_install_script() -> None:
    line = "envs/install.sh python3 /opt/venv"
    assert DOCKERFILE.count(line) == DEFINITION.count(line) == 1


def test_both_recipes_set_the_same_environment() -> None:
    def variables(text: str) -> dict[str, str]:
        return dict(re.findall(r'\b([A-Z][A-Z_]+)=("[^"]*"|[^\s\\;]+)', text))

    docker = variables(DOCKERFILE.partition("ENV ")[2].partition("\n\n")[0])
    apptainer = variables(DEFINITION.partition("%environment")[2].partition("\n\n")[0])
    own = {"HOME", "NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES", "RISE_IMAGE"}
    assert {name for name in docker if docker[name] != apptainer.get(name)} == own
    assert set(apptainer) - set(docker) == set()


def test_the_lock_names_no_index_and_hashes_everything() -> None:
    assert not re.search(r"https?://|^-", LOCK.replace("    --hash", ""), re.M)
    entries = re.split(r"\n(?=\S)", re.sub(r"(^|\n)\s*#[^\n]*", "", LOCK).strip())
    assert len(entries) > 150
    for entry in entries:
        requirement = Requirement(entry.partition("\\")[0].strip())
        assert re.fullmatch(r"==[^*]+", str(requirement.specifier)), entry[:60]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry[:60]


def test_the_lock_holds_what_each_system_needs() -> None:
    def needed(platform: str, system: str) -> set[str]:
        marks = {"sys_platform": platform, "platform_system": system, "platform_machine": "x86_64"}
        lines = re.findall(r"^[a-zA-Z][^\\#\n]*", LOCK, re.M)
        requirements = [Requirement(line.strip()) for line in lines]
        return {
            one.name for one in requirements if one.marker is None or one.marker.evaluate(marks)
        }

    linux, mac = needed("linux", "Linux"), needed("darwin", "Darwin")
    assert {"torch", "torchvision", "snakemake", "dvc", "openai-clip", "scipy"} <= linux & mac
    assert "triton" in linux and any(name.startswith("nvidia-") for name in linux)
    assert not any(name == "triton" or name.startswith("nvidia-") for name in mac)
