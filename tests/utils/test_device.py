"""Which GPU a job takes, and what it says where it gets none."""

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from rise.errors import TrainingError
from rise.utils import device
from rise.utils.device import free_gpu, use_device

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
