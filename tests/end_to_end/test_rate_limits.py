"""``limit_req`` in front: what a proxy refuses is waited for or left open, and never blamed on the API."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.support.end_to_end import Judge, StartNginx, StartServer, begin, needs_nginx
from tests.support.nginx import Front, Nginx
from tests.support.processes import Ended
from tests.support.serving import Served, outcomes

ZONE = """
limit_req_zone $binary_remote_addr zone=clients:1m rate=200r/s;
limit_req_log_level info;
"""
BURST = "limit_req zone=clients burst=4 nodelay;"
BOUND = 300


def answering(status: int, *lines: str, burst: str = BURST) -> str:
    """The refusals of the limit in another form."""
    said = f"location @limited {{ {' '.join(lines)} }} error_page {status} @limited;"
    return f"{burst} limit_req_status {status}; {said}"


@dataclass(frozen=True)
class Limit:
    """Lines of a server block that limit how fast it may be asked, and with what they refuse."""

    server: str
    status: int = 429


PLAIN = Limit(f"{BURST} limit_req_status 429;")
COMES_BACK = "add_header Retry-After 1 always;"
LIMITS = {
    "503": Limit(BURST, 503),
    "503 with Retry-After": Limit(
        answering(503, COMES_BACK, "return 503;", burst=BURST.replace("=4", "=12")), 503
    ),
    "429 with Retry-After": Limit(answering(429, COMES_BACK, "return 429;")),
}


def limited(nginx: StartNginx, served: StartServer, limit: Limit) -> Nginx:
    """nginx with the limit, in front of a server."""
    return nginx(f"{limit.server} {to(served())}", http=ZONE)


def to(upstream: Served) -> str:
    """The lines that pass requests on."""
    return f"location / {{ proxy_pass http://{upstream.authority}; }}"


def refused(front: Nginx, limit: Limit) -> int:
    """How many requests the limit has refused."""
    return sum(f'" {limit.status} ' in line for line in front.access_log())


def honest(ended: Ended, front: Nginx, besides: dict[str, str] | None = None) -> None:
    """Conformant, or incomplete with what it lacks; within the bound, and each request is counted."""
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


@pytest.fixture(scope="module")
def waited(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Ended, Nginx]]:
    """Runs behind each of the limits, side by side because most of their time is waiting."""
    needs_nginx()
    folder = tmp_path_factory.mktemp("limits")
    with ExitStack() as stack:
        upstream = stack.enter_context(Served(("--rate-limit", "0")))
        begun = []
        for place, (name, limit) in enumerate(LIMITS.items()):
            front = Front(f"{limit.server} {to(upstream)}", http=ZONE)
            nginx = stack.enter_context(Nginx(front, folder / f"nginx-{place}"))
            base_url = f"http://{nginx.authority}/api-v1"
            begun.append((name, nginx, begin(folder / f"run-{place}", base_url)))
        return {name: (command.end(), nginx) for name, nginx, command in begun}


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_in_front_is_no_finding(waited: dict[str, tuple[Ended, Nginx]], name: str) -> None:
    ended, front = waited[name]
    honest(ended, front, {"ENV-13": "warned"})  # the server behind them counts nothing
    assert refused(front, LIMITS[name]) > 0  # else it would say nothing
    assert ended.report()["requests"]["incidents"] > 0


def test_a_limit_that_holds_back_is_not_even_noticed(
    nginx: StartNginx, served: StartServer, judge: Judge
) -> None:
    front = limited(nginx, served, Limit("limit_req zone=clients burst=20;"))
    ended = judge(f"http://{front.authority}/api-v1")
    honest(ended, front)
    assert ended.report()["verdict"] == "conformant"
    assert ended.report()["requests"]["incidents"] == 0


def test_a_pace_below_the_limit_is_never_refused(
    nginx: StartNginx, served: StartServer, judge: Judge
) -> None:
    limit = PLAIN
    front = limited(nginx, served, limit)
    ended = judge(f"http://{front.authority}/api-v1", "--rate", "120/s")
    honest(ended, front)
    assert ended.report()["verdict"] == "conformant"
    assert refused(front, limit) == 0


def unwaited(nginx: StartNginx, served: StartServer, judge: Judge, limit: Limit) -> Ended:
    """A run that does not wait for a limit."""
    front = limited(nginx, served, limit)
    ended = judge(f"http://{front.authority}/api-v1", "--max-wait", "0")
    assert refused(front, limit) > 0
    honest(ended, front)
    return ended


def test_who_does_not_wait_leaves_the_rest_open(
    nginx: StartNginx, served: StartServer, judge: Judge
) -> None:
    """What was not asked is not passed, and the page of a proxy breaks no envelope."""
    ended = unwaited(nginx, served, judge, PLAIN)
    assert ended.report()["verdict"] == "incomplete"
    rows = {row["id"]: row for row in ended.report()["requirements"]}
    assert rows["SRCH-10"]["outcome"] == "inconclusive"
    assert "rate limit" in str(rows["SRCH-10"]["reason"])


def test_a_refusal_in_a_proxys_own_json_is_no_finding(
    nginx: StartNginx, served: StartServer, judge: Judge
) -> None:
    """As gateways that one can buy have it: JSON, and no envelope of this API."""
    body = 'default_type application/json; return 429 \'{"message": "API rate limit exceeded"}\';'
    unwaited(nginx, served, judge, Limit(answering(429, body)))
