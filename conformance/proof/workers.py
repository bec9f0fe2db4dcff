"""Processes that work through tasks side by side, each task within a limit of time.

Processes and not threads: a faulty server may never let go, and only a process can be ended from
outside. They are forked, so that what was imported and collected once is there at once in all.
"""

from __future__ import annotations

import logging
import multiprocessing
import signal
import time
from collections import deque
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from typing import Generic, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

_CONTEXT = multiprocessing.get_context("fork")


class _Worker(Generic[Task, Result]):
    """One process, and the task that it has in hand."""

    def __init__(
        self,
        tasks: Sequence[Task],
        queue: deque[int],
        work: Callable[[Task], Result],
        others: Sequence[_Worker[Task, Result]],
    ) -> None:
        self.queue = queue
        self.place = -1
        self.deadline = 0.0
        self.pipe, there = _CONTEXT.Pipe()
        # A process that keeps the ends of others would hold them open when the parent is gone.
        ends = [self.pipe, *(worker.pipe for worker in others)]
        self.process = _CONTEXT.Process(
            target=_serve, args=(there, ends, tasks, work), name="prove", daemon=True
        )
        self.process.start()
        there.close()

    def take(self, limit: float) -> bool:
        """Take the next task of the queue, if there is one."""
        if not self.queue:
            return False
        self.place = self.queue.popleft()
        self.deadline = time.monotonic() + limit
        self.pipe.send(self.place)
        return True

    def end(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


def work_through(
    lanes: Sequence[tuple[Sequence[Task], int]],
    work: Callable[[Task], Result],
    *,
    limit: float,
    lost: Callable[[Task, str], Result],
    done: Callable[[Task, Result], None],
) -> None:
    """Do all tasks of all lanes.

    :param lanes: tasks, and how many processes share them; a free process takes the next one.
    :param limit: seconds that a task may take.
    :param lost: the result of a task whose process had to be ended or died, with the reason.
    :param done: called here, with each task as it ends.
    """
    tasks = [task for lane, _ in lanes for task in lane]
    workers: list[_Worker[Task, Result]] = []
    try:
        start = 0
        for lane, count in lanes:
            queue = deque(range(start, start + len(lane)))
            start += len(lane)
            for _ in range(min(count, len(lane))):
                workers.append(_Worker(tasks, queue, work, workers))
                workers[-1].take(limit)
        while workers:
            _await(tasks, workers, work, limit, lost, done)
    finally:
        for worker in workers:
            worker.end()


def _await(
    tasks: Sequence[Task],
    workers: list[_Worker[Task, Result]],
    work: Callable[[Task], Result],
    limit: float,
    lost: Callable[[Task, str], Result],
    done: Callable[[Task, Result], None],
) -> None:
    """Wait until a process has ended its task or the time of one is up, and give them new ones."""
    first = min(worker.deadline for worker in workers)
    ready = wait([worker.pipe for worker in workers], max(0.0, first - time.monotonic()))
    for worker in list(workers):
        task = tasks[worker.place]
        alive = True
        if worker.pipe in ready:
            try:
                result = worker.pipe.recv()
            except (EOFError, OSError):
                alive, result = False, lost(task, "the process that judged it died")
        elif time.monotonic() >= worker.deadline:
            alive, result = False, lost(task, f"it did not end within {limit:g} s")
        else:
            continue
        if not alive:
            worker.end()
            workers.remove(worker)
            if worker.queue:
                workers.append(worker := _Worker(tasks, worker.queue, work, workers))
                alive = True
        if alive and not worker.take(limit):
            worker.end()
            workers.remove(worker)
        done(task, result)


def _serve(
    pipe: Connection,
    ends: Sequence[Connection],
    tasks: Sequence[Task],
    work: Callable[[Task], Result],
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it, and ends this process
    logging.disable(logging.CRITICAL)  # faulty servers log their faults
    for end in ends:
        end.close()
    while True:
        try:
            place = pipe.recv()
        except (EOFError, OSError):  # the parent is gone
            return
        pipe.send(work(tasks[place]))
