"""Training in a process that SIGKILL ends at chosen moments: the same weights as uninterrupted."""

import dataclasses
import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest
import torch

from rise.methods._base import Method
from rise.training import trainer
from rise.training.trainer import fit
from rise.utils.sealed import read_sealed_bytes
from tests.training.conftest import make_recipe
from tests.training.test_trainer import build, same

# Which call of what ends each process, the last none: early, within a save, past the first epoch.
MOMENTS = (("step", 4), ("write_sealed_bytes", 3), ("step", 8), ("none", 0))
# Workers look every five seconds whether they have a parent.
PATIENCE = 30


def die_at(moment: str, call: int, said: Path) -> None:
    """Let the process kill itself, after it has written down its workers."""
    place = Method if moment == "step" else trainer
    real, calls = getattr(place, moment, None), iter(range(10**6))

    def dies(*args):
        if next(calls) == call:
            if moment == "write_sealed_bytes":
                args[0].with_name(".checkpoint.pt.0123abcd.pt").write_bytes(b"half of one")
            pids = [str(worker.pid) for worker in multiprocessing.active_children()]
            said.write_text(" ".join(pids))
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args)

    if moment != "none":
        setattr(place, moment, dies)


def train(name, context, data, folder, moment, call):
    """What a process does: go on from the checkpoint, and save the weights at the end."""
    torch.set_num_threads(1)
    method = build(name, context)
    die_at(moment, call, folder / "workers")
    found = fit(method, data, make_recipe(data, epochs=2), 1, folder / "checkpoint.pt", 0)
    torch.save({"found": found, "weights": method.state_dict()}, folder / "end.pt")


def alive(pid: int) -> bool:
    """Whether it runs: one that ended may stay as a zombie where nobody collects it."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("name", ["erm_text_init", "hint", "rise"])
def test_killed_training_ends_with_the_weights_of_an_uninterrupted_one(
    name, workers, photos, context, tmp_path
):
    whole = build(name, context)
    expected = fit(whole, photos, make_recipe(photos, epochs=2), 1)

    working = dataclasses.replace(photos, workers=workers)
    left, steps = [], []
    for moment, call in MOMENTS:
        arguments = (name, context, working, tmp_path, moment, call)
        process = multiprocessing.get_context("fork").Process(target=train, args=arguments)
        process.start()
        process.join()
        assert process.exitcode == (0 if moment == "none" else -signal.SIGKILL)
        if moment != "none":
            left += [int(pid) for pid in (tmp_path / "workers").read_text().split()]
            saved = torch.load(read_sealed_bytes(tmp_path / "checkpoint.pt"))
            steps.append(saved["progress"]["step"])

    assert steps == [4, 7, 15]
    assert not [*tmp_path.glob(".checkpoint*")]
    end = torch.load(tmp_path / "end.pt")
    assert end["found"] == expected
    again = build(name, context)
    again.load_state_dict(end["weights"])
    same(again, whole)

    assert len(set(left)) == 3 * workers
    give_up = time.monotonic() + PATIENCE
    while any(map(alive, left)) and time.monotonic() < give_up:
        time.sleep(0.1)
    assert not any(map(alive, left))
