"""The command, run within the process of the tests."""

from __future__ import annotations

import os
import time
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from unittest import mock

from conformance.cli.main import main
from tests.support.processes import Ended, surroundings


def call(folder: Path, *arguments: str, **variables: str) -> Ended:
    """Run ``conformance`` in the folder and the environment that ``start`` gives a process.

    This saves the second that a new process takes for its imports. Tests that depend on signals, a terminal
    or the settings of pytest use ``start`` instead.
    """
    folder.mkdir(parents=True, exist_ok=True)
    out, err = BytesIO(), BytesIO()
    started = time.monotonic()
    with (
        mock.patch.dict(os.environ, surroundings(**variables), clear=True),
        chdir(folder),
        redirect_stdout(TextIOWrapper(out, "utf-8", write_through=True)),
        redirect_stderr(TextIOWrapper(err, "utf-8", write_through=True)),
    ):
        status = main(arguments)
        seconds = time.monotonic() - started
        return Ended(
            arguments, status, out.getvalue().decode(), err.getvalue().decode(), seconds, folder
        )
