"""Values that take seconds to make, made once for all workers of pytest-xdist."""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Callable
from typing import TypeVar

import pytest

Value = TypeVar("Value")


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[], Value]) -> Value:
    """Return the value of ``make``, which only the first worker calls.

    :param name: the name of the file in which the value is kept, pickled, for this session of tests.
    """
    folder = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # the folder of a worker lies in that of the session
    kept = folder / f"{name}.pickle"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_bytes(pickle.dumps(make()))
    value: Value = pickle.loads(kept.read_bytes())  # written above
    return value
