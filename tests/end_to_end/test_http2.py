"""HTTP/2 with nginx: used if requested and offered; a warning if requested but not offered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.recording import har
from tests.support.end_to_end import Judge, StartNginx, StartServer
from tests.support.in_process import call
from tests.support.processes import Ended, keys_for
from tests.support.proxies import CertificateFiles, forward_proxy, make_certificates
from tests.support.serving import database, outcomes

TIMES = {"started_at": "", "finished_at": ""}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> CertificateFiles:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def fronted(
    nginx: StartNginx,
    files: CertificateFiles,
    upstream: str,
    more: str = "",
    listen: str = "ssl http2",
) -> str:
    """Start nginx with TLS in front of a server; return its base URL."""
    server = (
        f"ssl_certificate {files.server}; ssl_certificate_key {files.server}; {more}"
        f" location / {{ proxy_pass http://{upstream}; }}"
    )
    return f"https://{nginx(server, listen=listen).authority}/api-v1"


def check_conformant(ended: Ended) -> None:
    """Check that a run is conformant, used only HTTP/2 and had no incidents."""
    assert ended.status == 0, ended.text
    report = ended.report()
    assert outcomes(ended) == {}
    assert report["incidents"] == []
    assert report["warnings"] == []
    assert list(report["requests"]["by_protocol"]) == ["HTTP/2"]


@pytest.mark.broad
def test_a_full_run_over_http2_and_its_replay(
    nginx: StartNginx, served: StartServer, judge: Judge, files: CertificateFiles
) -> None:
    base_url = fronted(nginx, files, served().authority)
    ended = judge(base_url, "--http2", "--ca-bundle", str(files.authority), "--concurrency", "32")
    check_conformant(ended)
    assert "sent over HTTP/2" in ended.out
    transcript = ended.folder / "reports" / "latest" / har.NAME
    entries = json.loads(transcript.read_text("utf-8"))["log"]["entries"]
    for part in ("request", "response"):
        assert {entry[part]["httpVersion"] for entry in entries} == {"HTTP/2"}
    replayed = call(ended.folder, "run", "--replay", f"reports/latest/{har.NAME}")
    assert {**replayed.report(), **TIMES} == {**ended.report(), **TIMES}


@pytest.mark.broad
def test_a_server_that_closes_connections_during_a_run_is_judged(
    nginx: StartNginx, served: StartServer, judge: Judge, files: CertificateFiles
) -> None:
    """Requests that were pending at GOAWAY are retried, and count as incidents."""
    base_url = fronted(nginx, files, served().authority, "keepalive_requests 60;")
    ended = judge(base_url, "--http2", "--ca-bundle", str(files.authority))
    assert ended.status == 0, ended.text
    assert outcomes(ended) == {}
    assert list(ended.report()["requests"]["by_protocol"]) == ["HTTP/2"]


@pytest.mark.broad
def test_a_target_without_http2_is_judged_over_http1_with_a_warning(
    nginx: StartNginx, served: StartServer, judge: Judge, files: CertificateFiles
) -> None:
    base_url = fronted(nginx, files, served().authority, listen="ssl")
    ended = judge(base_url, "--ca-bundle", str(files.authority), "--quiet", CONFORMANCE_HTTP2="yes")
    assert ended.status == 0, ended.text
    report = ended.report()
    assert outcomes(ended) == {}
    assert report["incidents"] == []
    assert list(report["requests"]["by_protocol"]) == ["HTTP/1.1"]
    (warning,) = report["warnings"]
    assert "HTTP/2 was requested (--http2), but HTTP/1.1 was used" in warning
    assert f"WARNING: {warning}" in ended.out


def test_http2_is_not_used_without_the_option(
    nginx: StartNginx, served: StartServer, judge: Judge, files: CertificateFiles
) -> None:
    base_url = fronted(nginx, files, served().authority)
    ended = judge(base_url, "--ca-bundle", str(files.authority), "--depth", "smoke")
    assert list(ended.report()["requests"]["by_protocol"]) == ["HTTP/1.1"]
    assert ended.report()["warnings"] == []


@pytest.mark.broad
def test_a_truncated_body_is_found_and_the_run_continues(
    nginx: StartNginx, served: StartServer, judge: Judge, files: CertificateFiles, tmp_path: Path
) -> None:
    """The unread rest of the body delays no later request."""
    upstream = served(
        *database(tmp_path),
        "word-for-an-id-is-answered-at-length",
        module="tests.support.variants",
    )
    base_url = fronted(nginx, files, upstream.authority, "proxy_max_temp_file_size 0;")
    ended = judge(base_url, "--http2", "--ca-bundle", str(files.authority), "--concurrency", "2")
    assert ended.status == 1, ended.text
    assert outcomes(ended) == {"ROB-10": "failed"}
    report = ended.report()
    assert report["incidents"] == []
    (row,) = (row for row in report["requirements"] if row["id"] == "ROB-10")
    assert [" --http2 " in (item["curl"] or "") for item in row["findings"]] == [True]


def test_network_settings_apply_to_http2(
    nginx: StartNginx, served: StartServer, judge: Judge, files: CertificateFiles
) -> None:
    """A proxy, a client certificate, a header, and certificate verification turned off."""
    asking = (
        f"ssl_client_certificate {files.authority}; ssl_verify_client on;"
        " if ($http_x_gate != opened) { return 418; }"
    )
    base_url = fronted(nginx, files, served().authority, asking)
    options = ("--http2", "--insecure", "--client-cert", str(files.client), "--depth", "smoke")
    with forward_proxy() as proxy:
        surroundings = {"HTTPS_PROXY": proxy.url, "NO_PROXY": ""}
        ended = judge(base_url, *options, "--header", "X-Gate: opened", **surroundings)
        assert set(proxy.requested) == {f"CONNECT {base_url.split('/')[2]}"}
    assert ended.status == 0, ended.text
    assert outcomes(ended) == {}
    assert list(ended.report()["requests"]["by_protocol"]) == ["HTTP/2"]
    unknown = judge(base_url, "--http2", "--depth", "smoke")
    assert unknown.status == 4, unknown.text
    assert "TLS failed: " in unknown.report()["reason"]


@pytest.mark.broad
def test_the_doctor_says_whether_the_target_offers_http2(
    nginx: StartNginx, served: StartServer, files: CertificateFiles, tmp_path: Path
) -> None:
    upstream = served().authority
    for listen, said in (("ssl http2", "the target speaks HTTP/2"), ("ssl", "HTTP/1.1 was used")):
        base_url = fronted(nginx, files, upstream, listen=listen)
        ended = call(
            tmp_path, "doctor", "--json", "--http2", "--ca-bundle", str(files.authority),
            **keys_for(base_url),
        )  # fmt: skip
        assert ended.status == 0, ended.text
        (check,) = (row for row in json.loads(ended.out)["checks"] if row["name"] == "HTTP")
        assert said in check["text"]
        assert (check["state"] == "ok") == (listen == "ssl http2")
