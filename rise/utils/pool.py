"""Work on many files in a few processes, with a bounded number of jobs in flight."""

import itertools
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from rise.errors import DataError

Item = TypeVar("Item")
Task = TypeVar("Task")
Result = TypeVar("Result")
AT_ONCE = 32  # files a job
IN_FLIGHT = 4  # jobs a worker: enough that none waits, few enough that memory does not grow


@dataclass(frozen=True)
class Workers:
    """A pool of processes, and their number."""

    executor: ProcessPoolExecutor
    count: int

    def map(self, function: Callable[[Task], Result], jobs: Iterable[Task]) -> Iterator[Result]:
        """Yield results in the order of jobs, holding only a few of either in memory."""
        waiting: deque[Future[Result]] = deque()
        for job in jobs:
            waiting.append(self.executor.submit(function, job))
            if len(waiting) == IN_FLIGHT * self.count:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Cut items into lists of a job's length."""
    items = iter(items)
    while chunk := list(itertools.islice(items, AT_ONCE)):
        yield chunk


@contextmanager
def pool(count: int | None = None) -> Iterator[Workers]:
    """Start processes, by default one for each CPU, that end with the caller even if it is killed.

    Raises:
        DataError: a process was killed.
    """
    count = count or os.cpu_count() or 1
    # Not forked: a progress bar runs in a thread, and a fork may copy a lock that it holds.
    executor = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _start)
    try:
        yield Workers(executor, count)
    except BrokenProcessPool as error:
        raise DataError(
            "a worker process was killed (out of memory?); run the command again, it continues "
            "where it stopped"
        ) from error
    finally:
        executor.shutdown(cancel_futures=True)


def _start() -> None:
    """Leave interrupts to the parent, and end with it if it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
