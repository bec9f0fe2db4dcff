"""Settings of rate and network: their sources, and the errors for invalid values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.http.limits import Rate
from conformance.running.settings import FILE, Settings
from tests.support.proxies import CertificateFiles, make_certificates
from tests.support.resolving import KEYS, URL, refused, settings_from
from tests.support.servers import Run

SECRET = "hunter2hunter2"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> CertificateFiles:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


LAYERS: list[tuple[str, Any, str, Any]] = [
    ("rate", "5/s", "100/m", "900/h"),
    ("max_wait", "10", "20.5", 30),
    ("concurrency", "1", "2", 32),
    ("no_writes", True, "false", False),
    ("insecure", True, "0", False),
    ("http2", True, "no", False),
    ("header", ("X-A: 1",), "X-B: 2", ["X-C: 3"]),
]


def seen(settings: Settings, name: str) -> Any:
    if name == "header":
        return settings.network.headers
    if name in ("insecure", "http2"):
        return getattr(settings.network, name)
    return getattr(settings, name)


@pytest.mark.parametrize(("name", "flag", "variable", "in_file"), LAYERS)
def test_a_flag_overrides_the_environment_which_overrides_the_file(
    tmp_path: Path, name: str, flag: Any, variable: str, in_file: Any
) -> None:
    environment = KEYS | {f"CONFORMANCE_{name.upper()}": variable}
    literal = str(in_file).lower() if isinstance(in_file, bool) else repr(in_file)
    file = f"{name} = {literal}"
    by_flag = seen(settings_from(tmp_path, {name: flag}, environment, file), name)
    by_variable = seen(settings_from(tmp_path, {}, environment, file), name)
    by_file = seen(settings_from(tmp_path, {}, KEYS, file), name)
    assert by_flag == seen(settings_from(tmp_path, {name: flag}), name)
    assert by_variable == seen(settings_from(tmp_path, {}, environment), name)
    assert seen(settings_from(tmp_path), name) == seen(Settings(), name)
    if not isinstance(flag, bool):
        assert len({repr(value) for value in (by_flag, by_variable, by_file)}) == 3
    else:
        assert (by_flag, by_variable, by_file) == (True, False, False)


def test_defaults() -> None:
    settings = Settings()
    assert (settings.rate, settings.max_wait, settings.concurrency) == (None, 60, 10)
    assert (settings.no_writes, settings.network.headers, settings.network.insecure) == (
        False, (), False,
    )  # fmt: skip


def test_a_rate_is_parsed(tmp_path: Path) -> None:
    assert settings_from(tmp_path, {"rate": "2.5/s"}).rate == Rate(2.5, "s")


def test_headers_are_lines_or_lists(tmp_path: Path) -> None:
    wanted = (("X-Gate", SECRET), ("X-Stage", "a:b, c"))
    lines = f"X-Gate: {SECRET}\n\n  X-Stage:a:b, c \n"
    for settings in (
        settings_from(tmp_path, {"header": (f"X-Gate:{SECRET}", "X-Stage: a:b, c")}),
        settings_from(tmp_path, {}, {"CONFORMANCE_HEADER": lines}),
        settings_from(tmp_path, file=f"header = ['X-Gate: {SECRET}', 'X-Stage: a:b, c']"),
    ):
        assert settings.network.headers == wanted
        assert SECRET not in repr(settings)


def test_certificate_files_are_accepted(tmp_path: Path, files: CertificateFiles) -> None:
    pair = f"{files.client_certificate}, {files.client_key}"
    settings = settings_from(tmp_path, {"ca_bundle": str(files.authority), "client_cert": pair})
    assert settings.network.ca_bundle == str(files.authority)
    assert settings.network.client_cert == (str(files.client_certificate), str(files.client_key))
    assert settings_from(tmp_path, {"client_cert": str(files.client)}).network.client_cert == (
        str(files.client),
    )


BAD: list[tuple[str, Any, str]] = [
    ("rate", "5", "5/s"),
    ("rate", "", "5/s"),
    ("rate", "0/s", "5/s"),
    ("rate", "5/d", "5/s"),
    ("max_wait", "-1", "0 to 3600"),
    ("max_wait", "long", "0 to 3600"),
    ("max_wait", "nan", "0 to 3600"),
    ("max_wait", "inf", "0 to 3600"),
    ("max_wait", "1e9", "0 to 3600"),
    ("concurrency", "0", "from 1 to 32"),
    ("concurrency", "33", "from 1 to 32"),
    ("concurrency", "many", "from 1 to 32"),
    ("http2", "h2c", "neither true nor false"),
    ("ca_bundle", "absent", "No such file"),
    ("ca_bundle", "", "path"),
    ("ca_bundle", ".", ""),
    ("client_cert", "absent", "No such file"),
    ("client_cert", "a,b,c", "CERTIFICATE,KEY"),
]


@pytest.mark.parametrize(("name", "value", "hint"), BAD)
def test_the_error_for_an_invalid_value_names_the_setting_and_says_what_is_valid(
    tmp_path: Path, name: str, value: str, hint: str
) -> None:
    line = refused(tmp_path, {"base_url": URL, name: value}, KEYS)
    assert line.startswith(f"--{name.replace('_', '-')}: ")
    assert hint in line
    if value:
        variable = f"CONFORMANCE_{name.upper()}"
        line = refused(tmp_path, {"base_url": URL}, KEYS | {variable: value})
        assert line.startswith(f"{variable}: ")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("rate = 5", "rate"),
        ("max_wait = true", "max_wait"),
        ("max_wait = [1]", "max_wait"),
        ("concurrency = 2.5", "concurrency"),
        ("no_writes = 'perhaps'", "no_writes"),
        ("insecure = 2", "insecure"),
        ("http2 = 'h2c'", "http2"),
        ("header = 5", "header"),
        ("header = [5]", "header"),
        ("ca_bundle = ['a']", "ca_bundle"),
        ("client_cert = true", "client_cert"),
    ],
)
def test_the_error_for_an_invalid_value_in_the_file_names_it(
    tmp_path: Path, text: str, name: str
) -> None:
    assert refused(tmp_path, {}, KEYS, text).startswith(f"{FILE}: {name}: ")


BAD_HEADERS = {
    "no colon": SECRET,
    "no name": f": {SECRET}",
    "no value": "X-Gate:",
    "white space in the name": f"X Gate: {SECRET}",
    "a line end": f"X-Gate: a\r\nX-Other: {SECRET}",
    "beyond ASCII": f"X-Gate: é{SECRET}",
    "a control character": f"X-Gate: \x01{SECRET}",
    "the key": f"Authorization: Bearer {SECRET}",
    "a proxy's": f"proxy-authorization: Basic {SECRET}",
    "the host": "HOST: elsewhere.example",
    "the length": "Content-Length: 5",
    "the coding": "Transfer-Encoding: chunked",
    "what is unpacked": "Accept-Encoding: br",
    "the name of the suite": "User-Agent: curl",
    "a condition": "If-None-Match: x",
    "another method": "X-HTTP-Method-Override: DELETE",
    "twice": "X-Gate: a\nX-Gate: b",
}


@pytest.mark.parametrize("text", BAD_HEADERS.values(), ids=list(BAD_HEADERS))
def test_a_header_that_cannot_be_sent_is_refused_without_its_value(
    tmp_path: Path, text: str
) -> None:
    flags = {"base_url": URL, "header": (text,) if text != BAD_HEADERS["twice"] else text}
    line = refused(tmp_path, flags, KEYS)
    assert line.startswith("--header: ")
    assert SECRET not in line


def test_a_file_without_certificates_is_refused(tmp_path: Path, files: CertificateFiles) -> None:
    (tmp_path / "text.pem").write_text("no certificate\n", "utf-8")
    for name, value, hint in (
        ("ca_bundle", str(tmp_path / "text.pem"), "certificates in PEM"),
        ("client_cert", str(tmp_path / "text.pem"), "certificate with its key"),
        ("client_cert", str(files.authority), "certificate with its key"),
        (
            "client_cert",
            f"{files.client_certificate},{files.authority}",
            "certificate with its key",
        ),
    ):
        line = refused(tmp_path, {"base_url": URL, name: value}, KEYS)
        assert line.startswith(f"--{name.replace('_', '-')}: ")
        assert hint in line


def test_no_passphrase_is_prompted_for(run: Run, tmp_path: Path, files: CertificateFiles) -> None:
    """Otherwise OpenSSL would wait for input."""
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(files.client_key.read_bytes(), None)
    (tmp_path / "locked.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"open sesame"),
        )
    )
    ended = run("run", "--client-cert", f"{files.client_certificate},locked.pem")
    assert ended.status == 2
    assert ended.complaint().startswith("--client-cert: ")
    assert "passphrase" in ended.complaint()
