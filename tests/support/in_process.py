"""The command in the process of the tests: much faster than a process of its own, and otherwise the same."""

from __future__ import annotations

import os
import time
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from unittest import mock

from conformance.cli.main import main
from tests.support.processes import Ended, surroundings


def call(folder: Path, *arguments: str, **variables: str) -> Ended:
    """Run ``conformance`` in a folder, with the environment that a process of its own would have."""
    out, err = StringIO(), StringIO()
    started = time.monotonic()
    with (
        mock.patch.dict(os.environ, surroundings(**variables), clear=True),
        chdir(folder),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        status = main(arguments)
    seconds = time.monotonic() - started
    return Ended(arguments, status, out.getvalue(), err.getvalue(), seconds, folder)
