"""A proxy in front of a correct server does not change the verdict."""

from __future__ import annotations

import socket
from dataclasses import dataclass

import pytest

from tests.support.end_to_end import Judge, StartNginx, StartServer
from tests.support.marks import broad
from tests.support.processes import Ended
from tests.support.serving import outcomes


@dataclass(frozen=True)
class Setting:
    """Lines of a server block, with ``@upstream`` for the proxied server, and the path of the base URL."""

    server: str
    path: str = "/api-v1"


PASS = "location / { proxy_pass http://@upstream; }"
SETTINGS = {
    "default": Setting(PASS),
    "gzip, and bodies in chunks": Setting(
        "gzip on; gzip_types application/json; gzip_min_length 1; gzip_proxied any; gzip_vary on;"
        " proxy_http_version 1.1; proxy_set_header Connection ''; " + PASS
    ),
    "HTTP/1.0 to the server, no keep-alive, no buffers": Setting(
        "proxy_http_version 1.0; proxy_buffering off; keepalive_timeout 0;"
        " large_client_header_buffers 4 8k; " + PASS
    ),
    "a prefix, and a slash after the base URL": Setting(
        "location /clinics/v2/ { proxy_pass http://@upstream/; }", "/clinics/v2/api-v1/"
    ),
}


def check_conformant(ended: Ended) -> None:
    """Check that a run is conformant, without warned requirements and incidents."""
    assert ended.status == 0, ended.text
    assert outcomes(ended) == {}
    assert ended.report()["verdict"] == "conformant"
    assert ended.report()["requests"]["incidents"] == 0


FURTHER = (
    "default",
    "gzip, and bodies in chunks",
    "HTTP/1.0 to the server, no keep-alive, no buffers",
)


@pytest.mark.parametrize("name", [*sorted(set(SETTINGS) - set(FURTHER)), *broad(*FURTHER)])
def test_a_proxy_in_front_is_no_finding(
    nginx: StartNginx, served: StartServer, judge: Judge, name: str
) -> None:
    setting = SETTINGS[name]
    front = nginx(setting.server.replace("@upstream", served().authority))
    ended = judge(f"http://{front.authority}{setting.path}")
    check_conformant(ended)
    report = ended.report()
    assert report["target"]["base_url"] == f"http://{front.authority}{setting.path.rstrip('/')}"
    assert len(front.access_log()) == report["requests"]["sent"]


def has_ipv6() -> bool:
    """Return whether this machine has an IPv6 loopback."""
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.mark.broad
@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_ipv6_on_both_sides_of_a_proxy(
    nginx: StartNginx, served: StartServer, judge: Judge
) -> None:
    upstream = served(address="::1")
    front = nginx(PASS.replace("@upstream", upstream.authority), address="::1")
    ended = judge(f"http://{front.authority}/api-v1")
    check_conformant(ended)
    assert ended.report()["target"]["base_url"] == f"http://[::1]:{front.port}/api-v1"
