"""HTTP/2 by nginx: spoken where it is asked for and offered, and told where it is not."""

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
    """The base URL of a server behind nginx with TLS."""
    server = (
        f"ssl_certificate {files.server}; ssl_certificate_key {files.server}; {more}"
        f" location / {{ proxy_pass http://{upstream}; }}"
    )
    return f"https://{nginx(server, listen=listen).authority}/api-v1"


def unharmed(ended: Ended) -> None:
    """Conformant, by HTTP/2 alone, and nothing went wrong on the way."""
    assert ended.status == 0, ended.text
    report = ended.report()
    assert outcomes(ended) == {}
    assert report["incidents"] == []
    assert report["warnings"] == []
    assert list(report["requests"]["by_protocol"]) == ["HTTP/2"]


def test_a_whole_run_by_http2_and_its_replay(
    nginx: StartNginx, served: StartServer, judge: Judge, files: CertificateFiles
) -> None:
    base_url = fronted(nginx, files, served().authority)
    ended = judge(base_url, "--http2", "--ca-bundle", str(files.authority), "--concurrency", "32")
    unharmed(ended)
    assert "sent over HTTP/2" in ended.out
    transcript = ended.folder / "reports" / "latest" / har.NAME
    entries = json.loads(transcript.read_text("utf-8"))["log"]["entries"]
    for part in ("request", "response"):
        assert {entry[part]["httpVersion"] for entry in entries} == {"HTTP/2"}
    replayed = call(ended.folder, "run", "--replay", f"reports/latest/{har.NAME}")
    assert {**replayed.report(), **TIMES} == {**ended.report(), **TIMES}


def test_a_server_that_ends_connections_in_mid_run_is_judged_all_the_same(
    nginx: StartNginx, served: StartServer, judge: Judge, files: CertificateFiles
) -> None:
    """What was under way when it said farewell is asked for again, and counts as an incident."""
    base_url = fronted(nginx, files, served().authority, "keepalive_requests 60;")
    ended = judge(base_url, "--http2", "--ca-bundle", str(files.authority))
    assert ended.status == 0, ended.text
    assert outcomes(ended) == {}
    assert list(ended.report()["requests"]["by_protocol"]) == ["HTTP/2"]


def test_a_target_without_it_is_judged_by_http1_and_that_is_told(
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


def test_it_is_not_spoken_unasked(
    nginx: StartNginx, served: StartServer, judge: Judge, files: CertificateFiles
) -> None:
    base_url = fronted(nginx, files, served().authority)
    ended = judge(base_url, "--ca-bundle", str(files.authority), "--depth", "smoke")
    assert list(ended.report()["requests"]["by_protocol"]) == ["HTTP/1.1"]
    assert ended.report()["warnings"] == []


def test_a_body_that_is_cut_is_found_and_the_run_goes_on(
    nginx: StartNginx, served: StartServer, judge: Judge, files: CertificateFiles, tmp_path: Path
) -> None:
    """What is still to come of it holds up no request after it."""
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


def test_the_way_is_the_same_in_all_else(
    nginx: StartNginx, served: StartServer, judge: Judge, files: CertificateFiles
) -> None:
    """Through a proxy, with a certificate of one's own, a header, and any certificate believed."""
    asking = (
        f"ssl_client_certificate {files.authority}; ssl_verify_client on;"
        " if ($http_x_gate != opened) { return 418; }"
    )
    base_url = fronted(nginx, files, served().authority, asking)
    way = ("--http2", "--insecure", "--client-cert", str(files.client), "--depth", "smoke")
    with forward_proxy() as proxy:
        surroundings = {"HTTPS_PROXY": proxy.url, "NO_PROXY": ""}
        ended = judge(base_url, *way, "--header", "X-Gate: opened", **surroundings)
        assert set(proxy.requested) == {f"CONNECT {base_url.split('/')[2]}"}
    assert ended.status == 3, ended.text
    assert outcomes(ended) == {}
    assert list(ended.report()["requests"]["by_protocol"]) == ["HTTP/2"]
    unknown = judge(base_url, "--http2", "--depth", "smoke")
    assert unknown.status == 4, unknown.text
    assert "TLS failed: " in unknown.report()["reason"]


def test_the_doctor_says_whether_the_target_offers_it(
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
