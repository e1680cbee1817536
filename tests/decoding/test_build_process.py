"""Builds in processes of their own: killed in the middle, and watched for memory."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from rise.datasets.decoded import open_decoded
from tests.datasets.images import noise, write_folders
from tests.decoding.test_build_folders import ROOT, build, files

BUILD = """
import sys
from pathlib import Path
from rise.decoding.build_folders import build_from_folders
from tests.datasets.images import entry
if __name__ == "__main__":
    build_from_folders("made up", entry(), Path(sys.argv[1]), Path(sys.argv[2]), workers=2)
"""


def start(script: Path, root: Path, folder: Path) -> subprocess.Popen:
    script.write_text(BUILD)
    line = [sys.executable, str(script), str(root), str(folder)]
    return subprocess.Popen(line, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})


def test_a_killed_build_goes_on_where_it_stopped(tmp_path):
    write_folders(tmp_path / "set", each=120, size=(260, 280))
    build(tmp_path / "set", tmp_path / "whole" / "decoded")
    process = start(tmp_path / "build.py", tmp_path / "set", tmp_path / "decoded")
    noted = tmp_path / ".decoded.part" / "done.bin"
    while process.poll() is None:
        if noted.is_file() and np.fromfile(noted, np.uint8).any():
            process.send_signal(signal.SIGKILL)
            break
        time.sleep(0.002)
    assert process.wait() == -signal.SIGKILL
    assert not (tmp_path / "decoded").exists()
    built = build(tmp_path / "set", tmp_path / "decoded")
    assert 0 < built.kept < built.images == 480
    assert files(tmp_path / "decoded") == files(tmp_path / "whole" / "decoded")


@pytest.mark.slow
def test_memory_does_not_grow_with_the_dataset(tmp_path):
    """20,000 images need as much as 2,000: run with -s for the figures."""

    def peak(each: int) -> tuple[float, float]:
        """Peak memory in MB of the building process and of its largest worker."""
        root = tmp_path / f"set{each}"
        for domain in "ab":
            for label in ("Cat", "dog"):
                (root / domain / label).mkdir(parents=True)
                for k in range(each):
                    # One drawing, made different by a byte behind the image.
                    path = root / domain / label / f"{k:05}.jpg"
                    path.write_bytes(drawing + k.to_bytes(4, "big"))
        script = tmp_path / "build.py"
        said = "\n    import resource as r"
        for who in ("SELF", "CHILDREN"):
            said += f"\n    print(r.getrusage(r.RUSAGE_{who}).ru_maxrss / 1000)"
        script.write_text(BUILD.rstrip() + said + "\n")
        line = [sys.executable, str(script), str(root), str(tmp_path / "decoded")]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(line, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
        main, worker = map(float, done.stdout.split())
        return main, worker

    noise(128, 160, 1).save(tmp_path / "drawing.jpg", quality=60)
    drawing = (tmp_path / "drawing.jpg").read_bytes()
    small, large = peak(500), peak(5000)
    size = (tmp_path / "decoded" / "pixels.bin").stat().st_size / 1e6
    print(f"2,000 images: {small} MB; 20,000 images: {large} MB; pixels {size:.0f} MB")
    assert len(open_decoded(tmp_path / "decoded")) == 20_000
    # The pixels have 1.2 GB; a row of the index takes some 2 kB while it is made.
    assert large[0] - small[0] < 30
    assert large[1] - small[1] < 15
