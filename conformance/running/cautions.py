"""Warnings about how a run was made, for its report."""

from __future__ import annotations

from collections import Counter

from conformance.contract.document import Contract
from conformance.http.exchange import HTTP2
from conformance.target.target import Target
from conformance.text.wording import be, plural


def other_version(target: Target, versions: Counter[str]) -> str | None:
    """Return a warning if HTTP/2 was requested and another version was used; otherwise None.

    :param versions: HTTP version → number of responses.
    """
    others = " and ".join(sorted(versions.keys() - {HTTP2}))
    if not target.network.http2 or not others:
        return None
    used = f"{others} was used"
    if HTTP2 in versions:
        count, total = versions.total() - versions[HTTP2], versions.total()
        used = f"{count} of {total} responses used {others}"
    why = "the target, or a proxy in front of it, does not offer HTTP/2"
    if not target.base_url.startswith("https:"):
        why = "HTTP/2 is negotiated in TLS, and the base URL does not start with https"
    return f"HTTP/2 was requested (--http2), but {used}: {why}."


def earlier_set(contract: Contract) -> str | None:
    """Return a warning if an earlier requirement set leaves out requirements; otherwise None."""
    count = len(contract.later)
    if not count:
        return None
    return (
        f"Judged by the requirements of contract {contract.requirement_set} (--requirements): "
        f"{plural(count, 'later requirement')} {be(count)} not part of the verdict."
    )
