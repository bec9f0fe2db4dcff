"""A cache in front: one that forgets whose answer it keeps is found out, one that does not is no leak."""

from __future__ import annotations

from tests.support.end_to_end import Judge, StartNginx, StartServer
from tests.support.processes import Ended
from tests.support.serving import outcomes

CACHE = "proxy_cache_path $folder/cache keys_zone=answers:1m;"
KEPT = "proxy_cache answers; proxy_cache_valid 200 10m;"

ISOLATION = {"ORG-05", "ORG-06", "ORG-09", "ORG-10"}
"""A profile by its id, plain and filtered lists, each right after its owner has asked for the same."""

CREDENTIALS = {"AUTH-02", "AUTH-03", "AUTH-04", "AUTH-05", "AUTH-06", "AUTH-07"}
"""A list that was answered once is answered to anybody: without a key, and with any that is none."""

REPEATED = {"ENV-08": "failed", "ENV-14": "warned"}
"""What any cache brings with it, however careful: a request_id that was given before, and an old count.

By the contract the request_id is different on every response. A client that quotes one to the support names
another's request with it, so this is a true finding about what the client sees, and not about the data.
"""


def cached(nginx: StartNginx, served: StartServer, judge: Judge, key: str) -> Ended:
    """A run on a server behind a cache with that key."""
    upstream = served()
    front = nginx(
        f"{KEPT} proxy_cache_key {key}; location / {{ proxy_pass http://{upstream.authority}; }}",
        http=CACHE,
    )
    return judge(f"http://{front.authority}/api-v1")


def test_a_cache_that_forgets_whose_answer_it_keeps_is_found_out(
    nginx: StartNginx, served: StartServer, judge: Judge
) -> None:
    ended = cached(nginx, served, judge, "$request_method$request_uri")
    assert ended.status == 1, ended.text
    found = outcomes(ended)
    failed = {name for name, outcome in found.items() if outcome == "failed"}
    assert failed >= ISOLATION
    assert failed >= CREDENTIALS
    rows = {row["id"]: row for row in ended.report()["requirements"]}
    # The one who reads it is to see that it is the cache: the owner had just asked for the same URL.
    (finding,) = rows["ORG-09"]["findings"]
    assert finding["received"].startswith("200")
    assert finding["request"] is not None
    assert finding["request"]["identity"] == "own"
    assert "after its owner" in rows["ORG-09"]["cases"][0].replace("_", " ")


def test_a_cache_that_keeps_each_keys_answers_apart_leaks_nothing(
    nginx: StartNginx, served: StartServer, judge: Judge
) -> None:
    ended = cached(nginx, served, judge, "$request_method$request_uri$http_authorization")
    assert outcomes(ended) == REPEATED
    assert ended.status == 1, ended.text
    (finding,) = next(
        row["findings"] for row in ended.report()["requirements"] if row["id"] == "ENV-08"
    )
    assert finding["received"].startswith("the request_id of exchange ")
