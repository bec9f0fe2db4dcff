"""What to do about a requirement that could not be checked, or a target that could not be tested."""

from __future__ import annotations

import re
from collections.abc import Sequence

from conformance.report.model import Requirement

_UNTESTABLE = {
    "a redirect to": "use the URL that it leads to, or check whether a login page is in front of the API",
    "not this API": "check the spelling of the base URL, and whether a login page is in front of the API",
    "returned 401": "set CONFORMANCE_API_KEY to a valid key, or pass --api-key-file",
    "returned 403": "give the key the scope for clinician profiles",
    "returned 404": "use the base URL without /clinician-profiles at its end",
    "returned 429": "try again after the full hour, or with another key",
    "certificate": "pass --ca-bundle with the authority that signed the certificate",
    "timed out": "check that the server on this port is not stuck",
    "refused": "start the server, or check host and port of the base URL",
    "the gateway returned": "check that the server behind the gateway runs",
}
"""Words of a reason → what to do; the first that occur count."""

_MORE_DATA = "add such profiles to the data of the target, or test another organisation"

_UNCHECKED = (
    (r"^the second organisation does not find",
     "check why a search with the second organisation's key does not find it, and run again"),
    (r"CONFORMANCE_OTHER_API_KEY|second organisation|foreign (?:id|word|address)|two organisations",
     "set CONFORMANCE_OTHER_API_KEY to a key of another organisation that has profiles"),
    (r"--no-writes", "run without --no-writes"),
    (r"limit of requests|limit on requests|--max-requests|requests? (?:is|are) left",
     "raise --max-requests"),
    (r"rate limit|429", "run again after the full hour, or with --rate"),
    (r"location", "pass --location-id with a location that has profiles"),
    (r"interrupted|terminated|not judged", "run again to the end"),
    (r"firewall", "run against an address that is not behind the firewall"),
    (r"depth", "run with --depth standard"),
    (r"moved|changed|unstable", "run again while the data are not edited"),
    (r"no complete response|timed out|connection", "check the network to the target, and run again"),
    (r"too few (?:for|to)|profiles needed|^no (?:word|name|profile (?:has|is|of)|two filters)\b",
     _MORE_DATA),
    (r"(?:list|directory|pages?) .*(?:lacks|cannot be (?:joined|read))|deviates|finds .* too",
     "mend the problems of this run, and run again"),
    (r"fewer than|too few|no profile|no word|none|more than \d+ |has no|needs|no record|missing",
     _MORE_DATA),
)  # fmt: skip
"""Pattern of a reason → what to do; the first that matches counts."""


def untestable(reason: str) -> str:
    """Return what to do about a target that could not be tested."""
    return next(
        (advice for words, advice in _UNTESTABLE.items() if words in reason),
        "check that the port is the one of the API, and what is in front of it",
    )


def remedy(reason: str, requirements: Sequence[Requirement] = (), *, broken: bool = False) -> str:
    """Return what to do so that a requirement can be checked.

    :param requirements: those with the reason; a finding of theirs says more than the reason does.
    :param broken: whether the run has problems, which may be in the way.
    """
    if any(requirement["findings"] for requirement in requirements):
        return "see the finding of the requirement, and run again"
    return next(
        (advice for pattern, advice in _UNCHECKED if re.search(pattern, reason)),
        "mend the problems of this run, and run again"
        if broken
        else "run again, with --depth deep",
    )
