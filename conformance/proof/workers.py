"""Runs tasks in parallel processes, each task with a time limit.

Processes and not threads: a faulty server may block forever, and only a process can be killed. The processes
are forked, so that they share the imports and the collected cases.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from typing import Generic, TypeVar

MANY = (os.cpu_count() or 1) + 1
"""How many processes are usual: one more than processors, since some servers let the suite wait."""

Task = TypeVar("Task")
Result = TypeVar("Result")

_CONTEXT = multiprocessing.get_context("fork")


class _Worker(Generic[Task, Result]):
    """One process, and the index of its current task."""

    def __init__(
        self,
        tasks: Sequence[Task],
        queue: deque[int],
        work: Callable[[Task], Result],
        others: Sequence[_Worker[Task, Result]],
    ) -> None:
        self.queue = queue
        self.index = -1
        self.deadline = 0.0
        self.pipe, child_end = _CONTEXT.Pipe()
        # The child closes the parent's ends, which it would otherwise keep open after the parent dies.
        parent_ends = [self.pipe, *(worker.pipe for worker in others)]
        # Not a daemon, which could not start the process that serves what it judges.
        self.process = _CONTEXT.Process(
            target=_serve, args=(child_end, parent_ends, tasks, work), name="prove"
        )
        self.process.start()
        child_end.close()

    def take(self, limit: float) -> bool:
        """Start the next task of the queue; return False if there is none."""
        if not self.queue:
            return False
        self.index = self.queue.popleft()
        self.deadline = time.monotonic() + limit
        self.pipe.send(self.index)
        return True

    def end(self) -> None:
        """Kill the process."""
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
    """Run all tasks of all lanes.

    :param lanes: tasks, and the number of processes that share them; a free process takes the next task.
    :param work: run in a process for each task; returns the result.
    :param limit: seconds that a task may take.
    :param lost: returns the result of a task whose process died or exceeded the limit, for a reason.
    :param done: called in this process with each task and its result.
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
            _step(tasks, workers, work, limit, lost, done)
    finally:
        for worker in workers:
            worker.end()


def _step(
    tasks: Sequence[Task],
    workers: list[_Worker[Task, Result]],
    work: Callable[[Task], Result],
    limit: float,
    lost: Callable[[Task, str], Result],
    done: Callable[[Task, Result], None],
) -> None:
    """Wait for a finished or timed-out task, then start new tasks in the free processes."""
    next_deadline = min(worker.deadline for worker in workers)
    timeout = max(0.0, next_deadline - time.monotonic())
    ready = wait([worker.pipe for worker in workers], timeout)
    for worker in list(workers):
        task = tasks[worker.index]
        alive = True
        if worker.pipe in ready:
            try:
                result = worker.pipe.recv()
            except (EOFError, OSError):
                alive, result = False, lost(task, "its process died")
        elif time.monotonic() >= worker.deadline:
            alive, result = False, lost(task, f"it did not finish within {limit:g} s")
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
    parent_ends: Sequence[Connection],
    tasks: Sequence[Task],
    work: Callable[[Task], Result],
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C and kills this process
    logging.disable(logging.CRITICAL)  # faulty servers log their exceptions
    for end in parent_ends:
        end.close()
    while True:
        try:
            index = pipe.recv()
        except (EOFError, OSError):  # the parent has died
            return
        pipe.send(work(tasks[index]))
