"""Signatures are made and checked by ssh-keygen."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from conformance.acceptance import archive, signature
from conformance.acceptance.names import MANIFEST, SIGNATURE
from conformance.errors import PackError
from tests.acceptance.conftest import Made
from tests.support.in_process import call

SUMS = b"0" * 64 + b"  report.json\n"


def key_in(folder: Path, name: str = "key") -> Path:
    """Make a key without a passphrase, and a file of allowed signers with it."""
    path = folder / name
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    public = path.with_name(f"{name}.pub").read_text()
    (folder / f"{name}.allowed").write_text(f"{name}@example.com {public}")
    return path


def test_a_signature_names_its_signer(tmp_path: Path) -> None:
    key = key_in(tmp_path)
    signed = signature.signed(SUMS, key)
    assert signed.startswith(b"-----BEGIN SSH SIGNATURE-----")
    assert signature.signed(SUMS, key) == signed, "the pack is the same each time"
    assert signature.signer(SUMS, signed, tmp_path / "key.allowed") == "key@example.com"
    assert signature.problem_without_signers(SUMS, signed) is None


def test_what_was_signed_cannot_be_changed(tmp_path: Path) -> None:
    signed = signature.signed(SUMS, key_in(tmp_path))
    with pytest.raises(PackError):
        signature.signer(SUMS + b"\n", signed, tmp_path / "key.allowed")
    assert signature.problem_without_signers(SUMS + b"\n", signed)
    assert signature.problem_without_signers(SUMS, b"no signature")


def test_the_signature_of_somebody_else_does_not_count(tmp_path: Path) -> None:
    signed = signature.signed(SUMS, key_in(tmp_path))
    key_in(tmp_path, "other")
    with pytest.raises(PackError, match="none of the signers"):
        signature.signer(SUMS, signed, tmp_path / "other.allowed")


def test_a_signature_for_another_purpose_does_not_count(tmp_path: Path) -> None:
    key = key_in(tmp_path)
    (tmp_path / MANIFEST).write_bytes(SUMS)
    command = [
        "ssh-keygen",
        "-q",
        "-Y",
        "sign",
        "-f",
        str(key),
        "-n",
        "git",
        str(tmp_path / MANIFEST),
    ]
    subprocess.run(command, check=True, capture_output=True)
    with pytest.raises(PackError):
        signature.signer(SUMS, (tmp_path / SIGNATURE).read_bytes(), tmp_path / "key.allowed")


def test_a_key_that_cannot_sign_is_named(tmp_path: Path) -> None:
    key_in(tmp_path)
    with pytest.raises(PackError, match=r"--sign-key: .*absent is not a file"):
        signature.signed(SUMS, tmp_path / "absent")
    (tmp_path / "text").write_text("no key")
    with pytest.raises(PackError, match=r"--sign-key: .*text cannot sign") as caught:
        signature.signed(SUMS, tmp_path / "text")
    assert str(caught.value).isprintable()


def test_a_signed_pack(made: Made, tmp_path: Path) -> None:
    key = key_in(tmp_path)
    key_in(tmp_path, "other")
    report = str(made.folder / "report")
    ended = call(tmp_path, "pack", report, "-o", "it.zip", "--sign-key", str(key))
    assert ended.status == 0, ended.text
    ended = call(tmp_path, "verify", "it.zip")
    assert "by whom is not checked" in ended.out
    assert ended.status == 0
    ended = call(tmp_path, "verify", "it.zip", "--allowed-signers", "key.allowed")
    assert "signed by key@example.com" in ended.out
    assert ended.status == 0
    ended = call(tmp_path, "verify", "it.zip", "--allowed-signers", "other.allowed")
    assert ended.out.startswith("Not verified")
    assert (ended.status, "SHA256SUMS.sig: the signature is not accepted" in ended.out) == (1, True)
    contents = archive.unpacked(tmp_path / "it.zip")
    del contents[SIGNATURE]
    (tmp_path / "unsigned.zip").write_bytes(archive.packed(contents))
    ended = call(tmp_path, "verify", "unsigned.zip", "--allowed-signers", "key.allowed")
    assert (ended.status, "the pack is not signed" in ended.out) == (1, True)


def test_the_program_that_is_absent_is_named(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signature, "_PROGRAM", "ssh-keygen-of-no-machine")
    (tmp_path / "key").touch()
    report, pack = str(made.folder / "report"), str(made.folder / "pack.zip")
    for ended in (
        call(tmp_path, "pack", report, "-o", "it.zip", "--sign-key", "key"),
        call(tmp_path, "verify", pack, "--allowed-signers", "key"),
    ):
        assert (ended.status, "is not installed" in ended.complaint()) == (2, True)
    assert not (tmp_path / "it.zip").exists()
