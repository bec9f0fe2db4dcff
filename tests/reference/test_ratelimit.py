"""The rate limit, with a clock that the test sets."""

from __future__ import annotations

from conformance.reference.api import ClinicianApi
from conformance.reference.ratelimit import HOUR, Allowance, RateLimiter
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Store
from tests.reference.conftest import client_for


class Clock:
    """Seconds since 1970, as the test sets them."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def test_the_count_resets_at_the_start_of_the_hour() -> None:
    clock = Clock(10 * HOUR + 5.5)
    limiter = RateLimiter(3, clock)

    def take() -> Allowance:
        allowance = limiter.take("a")
        assert allowance is not None
        return allowance

    left = [(one.granted, one.remaining) for one in (take(), take(), take(), take())]
    assert left == [(True, 2), (True, 1), (True, 0), (False, 0)]
    assert (take().reset, take().retry_after) == (11 * HOUR, HOUR - 5)
    clock.now = 11 * HOUR - 0.001
    assert (take().granted, take().retry_after) == (False, 1)
    clock.now = 11 * HOUR
    assert (take().granted, take().remaining) == (True, 1)


def test_over_http() -> None:
    clock = Clock(1_700_000_000)
    api = ClinicianApi(Store.seeded(), RateLimiter(4, clock))
    with (
        EmbeddedServer(api) as server,
        client_for(server) as client,
        client_for(server, server.other_key) as other,
    ):
        paths = ("/clinician-profiles", "/clinician-profiles/x", "/nothing")
        answers = [client.get(path) for path in paths]
        answers.append(client.post("/clinician-profiles"))
        assert [int(one.headers["x-ratelimit-remaining"]) for one in answers] == [3, 2, 1, 0]
        assert {one.headers["x-ratelimit-limit"] for one in answers} == {"4"}
        top = (1_700_000_000 // HOUR + 1) * HOUR
        assert {one.headers["x-ratelimit-reset"] for one in answers} == {str(top)}

        refused = client.get("/clinician-profiles")
        assert refused.status_code == 429
        assert refused.json()["error"]["code"] == "RATE_LIMITED"
        assert refused.json()["data"] is None
        assert refused.headers["retry-after"] == str(top - 1_700_000_000)
        assert refused.headers["x-ratelimit-remaining"] == "0"
        assert other.get("/clinician-profiles").status_code == 200

        clock.now = top
        assert client.get("/clinician-profiles").status_code == 200


def test_the_default_is_a_thousand_and_zero_is_off() -> None:
    with EmbeddedServer() as server, client_for(server) as client:
        headers = client.get("/clinician-profiles").headers
        assert (headers["x-ratelimit-limit"], headers["x-ratelimit-remaining"]) == ("1000", "999")
        unauthorized = client.get("/clinician-profiles", headers={"Authorization": "Bearer nobody"})
        assert "x-ratelimit-limit" not in unauthorized.headers
    with EmbeddedServer(rate_limit=0) as server, client_for(server) as client:
        assert not [name for name in client.get("/locations").headers if "ratelimit" in name]
