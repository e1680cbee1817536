"""What the system refuses is said in one sentence, with path and remedy."""

import errno
import os

import pytest

from rise.utils.causes import cause, reason


class SafetensorError(Exception):
    """As the library's, which writes files in another language."""


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.EROFS, "x", "/data/a"), "/data/a: read-only file system; use a place"),
        (PermissionError(errno.EACCES, "x", b"/data/b"), "/data/b: permission denied; change its"),
        (FileNotFoundError(errno.ENOENT, "x", "c.png"), "c.png: no such file or directory; put it"),
        (OSError(errno.ENAMETOOLONG, "x", "long"), "long: file name too long; shorten the name"),
        (OSError(errno.EMFILE, "x"), "too many open files; raise the limit with ulimit -n"),
        (OSError(errno.EXDEV, "x", "a", None, "b"), "b: invalid cross-device link; mend that"),
        (SafetensorError("Error: No space left on device (os error 28)"), "free some space"),
        (RuntimeError("[enforce fail] . PytorchStreamWriter failed writing file"), "free some"),
        (
            RuntimeError("DataLoader worker (pid 7) is killed by signal: Bus error."),
            "--shm-size=1g",
        ),
        (
            RuntimeError("unable to open shared memory object </torch_1>: (2)"),
            "or write workers: 0",
        ),
        (RuntimeError("DataLoader worker (pid(s) 9) exited unexpectedly"), "memory was not enough"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "batch_size"),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), "fewer jobs at once"),
        (MemoryError(), "the memory was not enough"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "the memory was not enough"),
    ],
)
def test_a_refusal_of_the_system_has_a_remedy(error: Exception, words: str) -> None:
    said = cause(error)
    assert said is not None and words in said and "\n" not in said
    assert reason(error) == said


def test_a_full_disk_is_said_by_the_system_itself() -> None:
    with pytest.raises(OSError) as caught, open("/dev/full", "w") as file:
        file.write("x" * 100_000)
    assert "no space left on the disk; free some space, and run again" in str(cause(caught.value))


def test_a_full_disk_is_named() -> None:
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "results/x")
    assert str(cause(error)).startswith("results/x: no space left on the disk; free")


@pytest.mark.parametrize(
    "error", [ValueError("out of memory"), RuntimeError("sizes differ"), KeyError("shm")]
)
def test_other_errors_have_no_such_cause(error: Exception) -> None:
    assert cause(error) is None
    assert reason(error).startswith(f"{type(error).__name__}: ")


def test_an_error_without_words_is_its_type() -> None:
    assert reason(ValueError()) == "ValueError"
