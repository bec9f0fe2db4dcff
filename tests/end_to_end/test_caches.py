"""A cache in front of the API: one that ignores the key is a leak, one that stores by key is not."""

from __future__ import annotations

import pytest

from tests.support.end_to_end import Judge, StartNginx, StartServer
from tests.support.processes import Ended
from tests.support.serving import outcomes

CACHE = "proxy_cache_path $folder/cache keys_zone=answers:1m;"
KEPT = "proxy_cache answers; proxy_cache_valid 200 10m;"

ISOLATION = {"ORG-05", "ORG-06", "ORG-09", "ORG-10"}
"""Retrieves, plain and filtered lists, each requested right after its owner sent the same request."""

CREDENTIALS = {"AUTH-02", "AUTH-03", "AUTH-04", "AUTH-05", "AUTH-06", "AUTH-07"}
"""A cached list is returned without a key and with an invalid key."""

REPEATED = {"ENV-14": "warned", "ENV-16": "warned"}
"""Every cache repeats request ids and remaining counts.

The contract wants a different request_id on every response. A client that quotes a repeated one to the
support names another request, so this is a true finding about the response, and not a leak of data.
"""


def cached(nginx: StartNginx, served: StartServer, judge: Judge, key: str) -> Ended:
    """Run the suite on a server behind a cache with the given cache key."""
    upstream = served()
    front = nginx(
        f"{KEPT} proxy_cache_key {key}; location / {{ proxy_pass http://{upstream.authority}; }}",
        http=CACHE,
    )
    return judge(f"http://{front.authority}/api-v1")


@pytest.mark.broad
def test_a_cache_that_ignores_the_key_is_found(
    nginx: StartNginx, served: StartServer, judge: Judge
) -> None:
    ended = cached(nginx, served, judge, "$request_method$request_uri")
    assert ended.status == 1, ended.text
    found = outcomes(ended)
    failed = {name for name, outcome in found.items() if outcome == "failed"}
    assert failed >= ISOLATION
    assert failed >= CREDENTIALS
    rows = {row["id"]: row for row in ended.report()["requirements"]}
    # The finding must point to the cache: the owner requested the same URL just before.
    (finding,) = rows["ORG-09"]["findings"]
    assert finding["received"].startswith("200")
    assert finding["request"] is not None
    assert finding["request"]["identity"] == "own"
    assert "after its owner" in rows["ORG-09"]["cases"][0].replace("_", " ")


@pytest.mark.broad
def test_a_cache_that_stores_responses_by_key_leaks_nothing(
    nginx: StartNginx, served: StartServer, judge: Judge
) -> None:
    ended = cached(nginx, served, judge, "$request_method$request_uri$http_authorization")
    assert outcomes(ended) == REPEATED
    assert ended.status == 0, ended.text
    (finding,) = next(
        row["findings"] for row in ended.report()["requirements"] if row["id"] == "ENV-16"
    )
    assert finding["received"].startswith("the request_id of exchange ")
