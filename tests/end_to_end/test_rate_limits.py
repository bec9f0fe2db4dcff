"""``limit_req`` of nginx: refused requests are retried or leave requirements inconclusive, never failed."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.support.end_to_end import Judge, StartNginx, StartServer
from tests.support.nginx import Nginx
from tests.support.processes import Ended
from tests.support.serving import Served, outcomes

ZONE = """
limit_req_zone $binary_remote_addr zone=clients:1m rate=200r/s;
limit_req_log_level info;
"""
BURST = "limit_req zone=clients burst=4 nodelay;"
BOUND = 300


def answering(status: int, *lines: str, burst: str = BURST) -> str:
    """Return lines that refuse requests above the limit with a status and further directives."""
    said = f"location @limited {{ {' '.join(lines)} }} error_page {status} @limited;"
    return f"{burst} limit_req_status {status}; {said}"


@dataclass(frozen=True)
class Limit:
    """Lines of a server block that limit the request rate, and the status of a refused request."""

    server: str
    status: int = 429


PLAIN = Limit(f"{BURST} limit_req_status 429;")
RETRY_AFTER = "add_header Retry-After 1 always;"
LIMITS = {
    "503": Limit(BURST, 503),
    "503 with Retry-After": Limit(
        answering(503, RETRY_AFTER, "return 503;", burst=BURST.replace("=4", "=12")), 503
    ),
    "429 with Retry-After": Limit(answering(429, RETRY_AFTER, "return 429;")),
}


def limited(nginx: StartNginx, served: StartServer, limit: Limit) -> Nginx:
    """Start nginx with the limit in front of a server."""
    return nginx(f"{limit.server} {to(served())}", http=ZONE)


def to(upstream: Served) -> str:
    """Return the lines that forward requests to a server."""
    return f"location / {{ proxy_pass http://{upstream.authority}; }}"


def refused(front: Nginx, limit: Limit) -> int:
    """Return the number of requests that the limit refused."""
    return sum(f'" {limit.status} ' in line for line in front.access_log())


def check_run(ended: Ended, front: Nginx, besides: dict[str, str] | None = None) -> None:
    """Check a run: no findings except ``besides``, requests within the bound and counted, status 0 or 3."""
    report = ended.report()
    assert outcomes(ended) == (besides or {}), ended.text
    assert ended.status in (0, 3), ended.text
    for identity in ("own", "other", "anonymous"):
        assert report["requests"]["by_identity"][identity] <= BOUND
    assert report["requests"]["sent"] == len(front.access_log())
    open_musts = [
        row
        for row in report["requirements"]
        if (row["outcome"], row["level"]) == ("inconclusive", "must")
    ]
    assert bool(open_musts) is (ended.status == 3)


@pytest.mark.broad
@pytest.mark.parametrize("name", ["429 with Retry-After", "503", "503 with Retry-After"])
def test_a_limit_in_front_is_no_finding(
    nginx: StartNginx, served: StartServer, judge: Judge, name: str
) -> None:
    limit = LIMITS[name]
    front = nginx(f"{limit.server} {to(served('--rate-limit', '0'))}", http=ZONE)
    ended = judge(f"http://{front.authority}/api-v1")
    check_run(ended, front, {"ENV-13": "warned"})  # the server itself has no rate limit
    assert refused(front, limit) > 0  # otherwise the test would show nothing
    assert ended.report()["requests"]["incidents"] > 0


@pytest.mark.broad
def test_a_limit_that_only_delays_requests_causes_no_incident(
    nginx: StartNginx, served: StartServer, judge: Judge
) -> None:
    front = limited(nginx, served, Limit("limit_req zone=clients burst=20;"))
    ended = judge(f"http://{front.authority}/api-v1")
    check_run(ended, front)
    assert ended.report()["verdict"] == "conformant"
    assert ended.report()["requests"]["incidents"] == 0


@pytest.mark.broad
def test_a_rate_below_the_limit_is_never_refused(
    nginx: StartNginx, served: StartServer, judge: Judge
) -> None:
    limit = PLAIN
    front = limited(nginx, served, limit)
    ended = judge(f"http://{front.authority}/api-v1", "--rate", "120/s")
    check_run(ended, front)
    assert ended.report()["verdict"] == "conformant"
    assert refused(front, limit) == 0


def unwaited(nginx: StartNginx, served: StartServer, judge: Judge, limit: Limit) -> Ended:
    """Run the suite without waiting for a limit."""
    front = limited(nginx, served, limit)
    ended = judge(f"http://{front.authority}/api-v1", "--max-wait", "0")
    assert refused(front, limit) > 0
    check_run(ended, front)
    return ended


def test_a_run_that_does_not_wait_is_incomplete(
    nginx: StartNginx, served: StartServer, judge: Judge
) -> None:
    """A requirement whose requests were refused does not pass, and the proxy's page breaks no envelope."""
    ended = unwaited(nginx, served, judge, PLAIN)
    assert ended.report()["verdict"] == "incomplete"
    rows = {row["id"]: row for row in ended.report()["requirements"]}
    assert rows["SRCH-10"]["outcome"] == "inconclusive"
    assert "rate limit" in str(rows["SRCH-10"]["reason"])


def test_a_refusal_in_the_json_of_a_proxy_is_no_finding(
    nginx: StartNginx, served: StartServer, judge: Judge
) -> None:
    """Commercial gateways send JSON without the envelope of this API."""
    body = 'default_type application/json; return 429 \'{"message": "API rate limit exceeded"}\';'
    unwaited(nginx, served, judge, Limit(answering(429, body)))
