"""The signature of a pack: ``ssh-keygen -Y`` signs the manifest and checks it. Nothing here is of our own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from conformance.acceptance.names import MANIFEST, SIGNATURE
from conformance.errors import PackError
from conformance.text.printable import visible

NAMESPACE = "conformance-pack"
"""The purpose of the signature: one that was made for another purpose is not accepted."""

_PROGRAM = "ssh-keygen"
ABSENT = f"{_PROGRAM} is not installed (on Debian: the package openssh-client)"


def available() -> bool:
    """Return whether ``ssh-keygen`` is installed."""
    return shutil.which(_PROGRAM) is not None


def signed(manifest: bytes, key: Path) -> bytes:
    """Return the signature of a manifest.

    :param key: a private key, or a public key whose private key an agent holds. A passphrase is asked for on
        the terminal.
    :raises PackError: if it cannot be signed.
    """
    if not available():
        raise PackError(f"--sign-key: {ABSENT}")
    if not key.is_file():
        raise PackError(f"--sign-key: {key} is not a file")
    with TemporaryDirectory() as folder:
        path = Path(folder, MANIFEST)
        path.write_bytes(manifest)
        ended = _run("sign", "-f", str(key), "-n", NAMESPACE, str(path))
        if ended.returncode or not (made := Path(folder, SIGNATURE)).is_file():
            raise PackError(f"--sign-key: {key} cannot sign: {_why(ended)}")
        return made.read_bytes()


def signer(manifest: bytes, signature: bytes, allowed: Path) -> str:
    """Return who signed a manifest, by the names of an ``allowed_signers`` file (see ``man ssh-keygen``).

    :raises PackError: if no signer in the file did.
    """
    with TemporaryDirectory() as folder:
        path, signers = str(Path(folder, SIGNATURE)), str(allowed)
        Path(path).write_bytes(signature)
        found = _run("find-principals", "-s", path, "-f", signers, data=manifest)
        names = found.stdout.decode("utf-8", "replace").splitlines()
        if found.returncode or not names:
            raise PackError(f"none of the signers in {allowed} made it: {_why(found)}")
        options = ("-f", signers, "-I", names[0], "-n", NAMESPACE, "-s", path)
        ended = _run("verify", *options, data=manifest)
    if ended.returncode:
        raise PackError(_why(ended))
    return visible(names[0])


def problem_without_signers(manifest: bytes, signature: bytes) -> str | None:
    """Return why a signature cannot be one of this manifest; None if it can."""
    with TemporaryDirectory() as folder:
        path = Path(folder, SIGNATURE)
        path.write_bytes(signature)
        ended = _run("check-novalidate", "-n", NAMESPACE, "-s", str(path), data=manifest)
    return _why(ended) if ended.returncode else None


def _run(
    action: str, *options: str, data: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603 (a fixed program; its arguments are paths)
        [_PROGRAM, "-Y", action, *options],
        input=data,
        stdin=subprocess.DEVNULL if data is None else None,
        capture_output=True,
        check=False,
    )


def _why(ended: subprocess.CompletedProcess[bytes]) -> str:
    """Return what ``ssh-keygen`` said, in one line."""
    text = (ended.stderr + b"\n" + ended.stdout).decode("utf-8", "replace")
    lines = [visible(line.strip()) for line in text.splitlines() if line.strip()]
    return "; ".join(lines[:2]) or f"{_PROGRAM} ended with status {ended.returncode}"
