"""Headers that a client sends back: cookies and the validators of a response."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from conformance.http.api import Api
from conformance.http.exchange import Exchange
from conformance.suite.beyond import Header
from conformance.suite.expect import counted, shown
from conformance.suite.parting import Outcome


def received(answer: Exchange) -> list[Header]:
    """Return the headers that a browser would send after this response.

    ``Last-Modified`` is left out beside an ``ETag``: HTTP gives that precedence.
    """
    cookies = [
        value.partition(";")[0].strip() for name, value in answer.headers if name == "set-cookie"
    ]
    found = [("Cookie", "; ".join(cookies))] if cookies else []
    etag, modified = answer.header("etag"), answer.header("last-modified")
    if etag:
        found.append(("If-None-Match", etag))
    elif modified:
        found.append(("If-Modified-Since", modified))
    return found


def shows_no_profile(
    api: Api, path: str, headers: Sequence[Header], why: str = "as without the header"
) -> Outcome:
    """Send headers with a request for what the key must not see: the response says that there is none.

    :param why: why a client error is expected, for the finding.
    """
    answer = api.send(api.request(path=path, headers=tuple(headers)))
    if 400 <= answer.status < 500 or answer.status in (301, 302, 303, 307, 308):
        return None
    return answer.finding(f"a client error, {why}", answer.summary(), certain=True)


def shows_no_list(
    api: Api, headers: Sequence[Header], plain: Exchange, hidden: Collection[str]
) -> Outcome:
    """Send headers of another key's list with a list request.

    304 is lawful if the key's own list has the same validator, or no record.

    :param plain: the response without the headers.
    :param hidden: ids of the profiles that the key must not see.
    """
    answer = api.send(api.request(headers=tuple(headers)))
    if answer.status >= 500:
        return answer.finding("no server error", answer.summary(), certain=True)
    etag = dict(headers).get("If-None-Match")
    if answer.status == 304 and etag and plain.rows and plain.header("etag") != etag:
        return answer.finding(
            "200 with the key's own list, which has another ETag", answer.summary(), certain=True
        )
    leaked = set(answer.ids) & set(hidden)
    if leaked:
        return answer.finding(
            "only profiles of the key's organisation",
            f"{counted(len(leaked), 'profile')} of another organisation: {shown(leaked)}",
            certain=True,
        )
    return None
