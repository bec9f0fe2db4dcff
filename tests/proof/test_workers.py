"""Worker processes: order of tasks, time limits, and processes that die."""

from __future__ import annotations

import os
import time

from conformance.proof.workers import work_through


def work(task: str) -> str:
    kind, _, rest = task.partition(" ")
    if kind == "sleep":
        time.sleep(float(rest))
    if kind == "die":
        os._exit(3)
    return f"{task} done in {os.getpid()}"


def results(*lanes: tuple[list[str], int], limit: float = 20) -> dict[str, str]:
    found: dict[str, str] = {}
    work_through(
        lanes,
        work,
        limit=limit,
        lost=lambda _, reason: f"lost: {reason}",
        done=found.__setitem__,
    )
    return found


def test_every_task_of_every_lane_is_done() -> None:
    tasks = [f"task {number}" for number in range(20)]
    found = results((tasks, 3), (["other"], 1))
    assert set(found) == {*tasks, "other"}
    assert all(text.startswith(f"{task} done") for task, text in found.items())
    assert len({text.rsplit(" ", 1)[1] for text in found.values()} - {str(os.getpid())}) <= 4


def test_without_tasks_nothing_is_done() -> None:
    assert results(([], 2), ([], 1)) == {}


def test_a_task_past_its_time_limit_is_dropped_and_the_others_are_done() -> None:
    started = time.monotonic()
    found = results((["sleep 30", "one", "two"], 1), limit=0.5)
    assert found["sleep 30"] == "lost: it did not finish within 0.5 s"
    assert found["two"].startswith("two done")
    assert time.monotonic() - started < 10


def test_a_process_that_dies_loses_only_its_task() -> None:
    found = results((["one", "die now", "two"], 1))
    assert found["die now"] == "lost: its process died"
    assert found["two"].startswith("two done")


def test_a_slow_lane_does_not_delay_another() -> None:
    started = time.monotonic()
    done: list[str] = []
    work_through(
        [(["one", "two"], 1), (["sleep 0.5"], 1)],
        work,
        limit=20,
        lost=lambda _, reason: reason,
        done=lambda task, _: done.append(task),
    )
    assert done == ["one", "two", "sleep 0.5"]
    assert time.monotonic() - started < 10
