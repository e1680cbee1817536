"""Which GPU a job takes, and what it says where it gets none."""

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from rise.errors import TrainingError
from rise.utils import device
from rise.utils.determinism import make_deterministic
from rise.utils.device import free_gpu, use_device
from rise.utils.machine import arithmetic

OTHER = """
import sys, pathlib
from rise.utils.device import free_gpu
print(free_gpu(3, pathlib.Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


def test_jobs_take_different_gpus_and_give_them_back_when_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "_held", [])

    def other() -> subprocess.Popen[str]:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        return subprocess.Popen([sys.executable, "-c", OTHER, str(tmp_path)], text=True, **pipes)

    jobs = []
    for expected in "01":
        jobs.append(other())
        assert jobs[-1].stdout.readline() == f"{expected}\n"
    assert free_gpu(3, tmp_path) == 2
    jobs[1].kill()
    jobs[1].wait()
    third = other()
    assert third.stdout.readline() == "1\n"
    for job in (jobs[0], third):
        job.communicate("")


def test_the_only_gpu_needs_no_lock(tmp_path: Path) -> None:
    assert free_gpu(1, tmp_path / "locks") == 0
    assert not (tmp_path / "locks").exists()


@pytest.mark.parametrize(
    ("driver", "visible", "library", "reason"),
    [
        (False, None, False, "this machine has no NVIDIA driver"),
        (True, "", True, "CUDA_VISIBLE_DEVICES hides them all"),
        (True, None, False, r"cannot load it; start the container with GPU support \(.*--nv"),
        (True, None, True, r"driver on your system is too old .*\(this torch: CUDA 13"),
    ],
)
def test_a_job_without_its_gpu_says_why(
    driver: bool,
    visible: str | None,
    library: bool,
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def load(name: str) -> None:
        if not library:
            raise OSError(f"{name}: cannot open shared object file")

    def too_old() -> None:
        raise RuntimeError("The NVIDIA driver on your system is too old (found version 12020).")

    monkeypatch.setattr(device, "DRIVER", tmp_path if driver else tmp_path / "none")
    monkeypatch.setattr(ctypes, "CDLL", load)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cuda, "init", too_old)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    with pytest.raises(TrainingError, match=rf"^device: cuda, but .* no usable GPU: .*{reason}"):
        use_device("cuda", threads=1)


ARITHMETIC = """
import json, torch
from rise.utils.imported import described, foreign_modules
from rise.utils.machine import arithmetic
import timm
print(json.dumps([arithmetic(torch.device("cpu")), described(foreign_modules())]))
"""


def test_kernels_and_foreign_packages_are_in_the_record(tmp_path: Path) -> None:
    """What a record says where a variable lowers the instructions, and another timm comes first."""
    (tmp_path / "timm").mkdir()
    (tmp_path / "timm" / "__init__.py").write_text("version = 'of mine'\n")
    path = f"{tmp_path}{os.pathsep}{Path(device.__file__).parents[2]}"
    names = {**os.environ, "PYTHONPATH": path, "ATEN_CPU_CAPABILITY": "default"}
    done = subprocess.run(
        [sys.executable, "-c", ARITHMETIC], env=names, check=True, capture_output=True, text=True
    )
    kernels, foreign = json.loads(done.stdout)
    assert kernels["cpu_capability"] == "DEFAULT"
    assert kernels["variables"]["ATEN_CPU_CAPABILITY"] == "default"
    assert foreign.keys() == {"timm"}
    assert foreign["timm"].startswith(f"{tmp_path}/timm/__init__.py, sha256 ")


def test_float32_means_float32_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    parts = (torch.backends.cudnn, torch.backends.cuda.matmul)
    before = [part.allow_tf32 for part in parts]
    try:
        for part in parts:
            part.allow_tf32 = True
        assert arithmetic(torch.device("cuda"))["tf32"] is True
        make_deterministic("cuda", 1)
        assert arithmetic(torch.device("cuda"))["tf32"] is False
        assert "tf32" not in arithmetic(torch.device("cpu"))
    finally:
        torch.use_deterministic_algorithms(False)
        for part, value in zip(parts, before, strict=True):
            part.allow_tf32 = value
