"""Keys in other places than ``Authorization``: what is sent, and that no text shows them."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote

import pytest

from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.recording import har
from conformance.reference.server import EmbeddedServer
from conformance.target.credentials import CREDENTIALS, PLACES, in_places
from conformance.target.secrets import Cookies, Redactor
from conformance.target.target import Target
from tests.support.asking import client_to
from tests.support.leaks import pieces
from tests.support.servers import OTHER_KEY, OWN_KEY, canned, client_for, recorded, target_of

EVERYWHERE = in_places(list(PLACES))
TARGET = Target("http://t/v1", OWN_KEY, OTHER_KEY)


def test_each_place_is_a_credential_of_its_own() -> None:
    for place in PLACES:
        credential = CREDENTIALS[in_places([place])]
        sent = [value for _, value in credential.headers(TARGET)]
        assert OWN_KEY in "".join([*sent, credential.query(TARGET)])
        assert not any(name == "Authorization" for name, _ in credential.headers(TARGET))
        assert credential.identity == "anonymous"
    assert in_places([]) == "no key"
    with pytest.raises(KeyError):
        CREDENTIALS["key in the moon"]


def test_the_places_travel_in_one_request() -> None:
    recorder = recorded()
    with client_for(recorder) as client:
        client.ask([Request(credential=EVERYWHERE, query=(("limit", "5"),))])
    (seen,) = recorder.seen
    assert seen.target.startswith(f"/clinician-profiles?limit=5&api_key={OWN_KEY}&")
    assert f"token={OWN_KEY}; session={OWN_KEY}" in seen.cookie
    assert seen.authorization == ""


def encoded(key: str) -> list[str]:
    """Return forms in which a key may stand in a text."""
    basic = [b64encode(text.encode()).decode() for text in (f"{key}:", f"x:{key}")]
    return [key, quote(key), *basic]


@pytest.mark.parametrize("name", [*CREDENTIALS, EVERYWHERE, *(in_places([one]) for one in PLACES)])
def test_no_command_url_or_transcript_shows_a_key(name: str, tmp_path: Path) -> None:
    """The server echoes all that it can: path, query, cookies, headers."""
    echo = " ".join(encoded(OWN_KEY))
    app = canned(400, f'{{"echo": "{echo}"}}', ("x-echo", OWN_KEY), ("set-cookie", f"k={OWN_KEY}"))
    with client_for(app) as client:
        (answer,) = client.ask([Request(credential=name)])
        assert isinstance(answer, Exchange)
        har.write(client, tmp_path / "it.har", {"started_at": "2026-01-02T03:04:05.678Z"})
    credential = CREDENTIALS[name]
    texts = [
        *(answer.curl(), answer.url, repr(answer), repr(answer.breach("a", "b").findings)),
        *(repr(credential.shown_headers()), credential.shown_query),
        (tmp_path / "it.har").read_text(),
    ]
    for text in texts:
        forms = [*encoded(OWN_KEY), *pieces(OWN_KEY)]
        assert not [one for one in forms if one.lower() in text.lower()]


def test_the_transcript_shows_the_places_with_a_variable(tmp_path: Path) -> None:
    with client_for(recorded()) as client:
        client.ask([Request(credential=in_places(["query api_key", "cookie token"]))])
        har.write(client, tmp_path / "it.har", {"started_at": "2026-01-02T03:04:05.678Z"})
    (entry,) = json.loads((tmp_path / "it.har").read_text())["log"]["entries"]
    assert entry["request"]["url"].endswith("?api_key=$CONFORMANCE_API_KEY")
    assert {"name": "Cookie", "value": "token=$CONFORMANCE_API_KEY"} in entry["request"]["headers"]
    assert entry["request"]["queryString"][-1]["value"] == "$CONFORMANCE_API_KEY"


def test_a_session_cookie_is_sent_back_and_shown_nowhere() -> None:
    recorder = canned(200, "{}", ("set-cookie", "sid=s3cr3t-session; Path=/; HttpOnly"))
    with EmbeddedServer(recorder) as server, client_to(target_of(server)) as client:
        (first,) = client.ask([Request()])
        assert isinstance(first, Exchange)
        cookie = (first.header("set-cookie") or "").partition(";")[0]
        (second,) = client.ask([Request(headers=(("Cookie", cookie),), credential="no key")])
    assert isinstance(second, Exchange)
    assert [item.cookie for item in recorder.seen] == ["", "sid=s3cr3t-session"]
    assert "s3cr3t" not in repr(first) + repr(second) + second.curl()
    assert cookie.startswith("sid=$COOKIE_")


def test_cookies_are_hidden_by_value() -> None:
    cookies = Cookies(TARGET)
    one, two, other = (cookies.hide(text) for text in ("a=xyz", "b=xyz; Secure", "a=zyx"))
    assert one[2:] == two[2:].removesuffix("; Secure")
    assert one != other
    assert cookies.restore(f"{one}; {other}") == "a=xyz; a=zyx"
    assert cookies.hide("a=; Max-Age=0") == "a=; Max-Age=0"
    assert cookies.restore("$COOKIE_00000000") == "$COOKIE_00000000"


def test_a_very_long_key_that_is_no_key_is_not_redacted() -> None:
    assert Redactor(TARGET).text("x" * 6_000) == "x" * 6_000


def escaped(text: str, every: int = 1) -> str:
    """Return a text with each or each second letter as an escape of JSON."""
    return "".join(
        f"\\u{ord(char):04X}" if index % every == 0 else char for index, char in enumerate(text)
    )


@pytest.mark.parametrize("every", [1, 2, 3])
@pytest.mark.parametrize("key", [OWN_KEY, OWN_KEY.upper(), OWN_KEY.lower()])
def test_a_key_in_escapes_of_json_is_redacted(key: str, every: int) -> None:
    body = f'{{"a": "x{escaped(key, every)}y", "b": "\\u0041"}}'
    redacted = Redactor(TARGET).bytes(body.encode())
    assert json.loads(redacted) == {"a": "x$CONFORMANCE_API_KEYy", "b": "A"}


def test_escapes_without_a_key_stay() -> None:
    body = escaped("a key that was never issued").encode()
    assert Redactor(TARGET).bytes(body) == body
