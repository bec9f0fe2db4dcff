"""nginx with TLS, with a certificate of a private authority."""

from __future__ import annotations

import pytest

from tests.support.end_to_end import Judge, StartNginx, StartServer
from tests.support.proxies import CertificateFiles, make_certificates
from tests.support.serving import outcomes


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> CertificateFiles:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def behind_tls(
    nginx: StartNginx, served: StartServer, files: CertificateFiles, more: str = ""
) -> str:
    """Start nginx with TLS in front of a server; return its base URL."""
    server = (
        f"ssl_certificate {files.server}; ssl_certificate_key {files.server}; {more}"
        f" location / {{ proxy_pass http://{served().authority}; }}"
    )
    return f"https://{nginx(server, listen='ssl').authority}/api-v1"


@pytest.mark.broad
def test_a_private_authority_that_is_named_is_trusted(
    nginx: StartNginx, served: StartServer, judge: Judge, files: CertificateFiles
) -> None:
    base_url = behind_tls(nginx, served, files)
    ended = judge(base_url, "--ca-bundle", str(files.authority))
    assert ended.status == 0, ended.text
    assert outcomes(ended) == {}
    assert ended.report()["target"]["base_url"] == base_url


def test_an_unknown_authority_is_not_trusted(
    nginx: StartNginx, served: StartServer, judge: Judge, files: CertificateFiles
) -> None:
    base_url = behind_tls(nginx, served, files)
    for arguments in ((), ("--ca-bundle", str(files.other_authority))):
        ended = judge(base_url, *arguments)
        assert ended.status == 4, ended.text
        reason = ended.report()["reason"]
        assert "TLS" in reason
        assert "--ca-bundle" in reason
        assert reason in " ".join(ended.out.split())


def test_skipped_certificate_verification_is_shown(
    nginx: StartNginx, served: StartServer, judge: Judge, files: CertificateFiles
) -> None:
    ended = judge(behind_tls(nginx, served, files), "--insecure", "--depth", "smoke")
    assert ended.status == 0, ended.text
    assert outcomes(ended) == {}
    assert "--insecure" in ended.out


def test_a_server_that_requires_a_client_certificate(
    nginx: StartNginx, served: StartServer, judge: Judge, files: CertificateFiles
) -> None:
    """Without a certificate nginx returns 400 in HTML, which cannot be judged."""
    asking = f"ssl_client_certificate {files.authority}; ssl_verify_client on;"
    base_url = behind_tls(nginx, served, files, asking)
    trusting = ("--depth", "smoke", "--ca-bundle", str(files.authority))
    shown = judge(base_url, *trusting, "--client-cert", str(files.client))
    assert shown.status == 0, shown.text
    assert outcomes(shown) == {}
    silent = judge(base_url, *trusting)
    assert silent.status == 4, silent.text
    assert "400" in silent.report()["reason"]
