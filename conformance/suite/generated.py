"""Parameters that schemathesis derives from the schemas of the contract, sent by our own client.

The coverage phase of schemathesis enumerates boundaries and wrong types, and its checks validate the
responses; the client decides what is sent, when and how often. The enumerator is not public API, so its
version is pinned exactly, and a test compares the length and the hash of the plan.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from conformance.contract.document import Contract
from conformance.http.exchange import Exchange
from conformance.http.request import COLLECTION, Query
from conformance.text.terms import NONSENSE

if TYPE_CHECKING:
    from schemathesis import Case

_CONFIG = {
    # Correct servers may refuse NUL, and a few refuse non-ASCII text.
    "generation": {"allow-x00": False, "codec": "ascii"},
    "phases": {"coverage": {"unexpected-methods": []}},
    # Applying a bound is as lawful as a refusal.
    "checks": {"negative_data_rejection": {"expected-statuses": ["2XX", 400, 404, 422]}},
}

_LEFT_OUT = frozenset(
    {
        # Unknown parameters may be ignored or refused, and have a case of their own.
        "object_unexpected_properties",
        # Authentication and transport are no parameters.
        "malformed_content_type",
        "missing_parameter",
        "unspecified_http_method",
    }
)


@dataclass(frozen=True)
class Generated:
    """One request that schemathesis generated.

    ``positive`` says that the schemas allow it, ``scenario`` what is tried, and ``parameter`` in which
    parameter.
    """

    path: str
    query: Query
    positive: bool
    scenario: str
    parameter: str | None
    case: Case[Any]

    @property
    def parameters(self) -> int:
        """The number of query parameters."""
        return len(self.query)


_planning = threading.Lock()


def plan(contract: Contract) -> tuple[Generated, ...]:
    """Return every request that schemathesis derives from the contract, each once, in its order."""
    with _planning:
        return _plan(contract)


@lru_cache(maxsize=2)
def _plan(contract: Contract) -> tuple[Generated, ...]:
    # The enumerator keeps state in the schema, so each plan needs a new one.
    import schemathesis
    from hypothesis.configuration import set_hypothesis_home_dir
    from schemathesis.config import SchemathesisConfig
    from schemathesis.generation.modes import GenerationMode

    # hypothesis stores files between runs, which must not be in the working directory of a run.
    set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "clinician-profiles-conformance")
    schema: Any = schemathesis.openapi.from_dict(
        contract.document, config=SchemathesisConfig.from_dict(_CONFIG)
    )
    found: dict[tuple[str, Query], Generated] = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        cases = schema.iter_coverage_cases(
            operation,
            generation_modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE],
            generation_config=schema.config.generation_for(operation=operation, phase="coverage"),
        )
        for item in _usable(cases):
            found.setdefault((item.path, item.query), item)
    return tuple(found.values())


def _usable(cases: Iterable[Any]) -> Iterator[Generated]:
    for case in cases:
        data = case.meta.phase.data
        scenario = str(data.scenario.value if data.scenario else "")
        sent = case.as_transport_kwargs(base_url="http://target")
        query = tuple(_without_name(dict(sent.get("params") or {})).items())
        if scenario in _LEFT_OUT or any(not isinstance(value, str) for _, value in query):
            continue
        path = sent["url"].removeprefix("http://target")
        yield Generated(
            path,
            query,
            case.meta.generation.mode.value == "positive",
            scenario,
            data.parameter,
            case,
        )


def _without_name(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters with a nonsense search term in place of the example of the contract.

    The example is a name that a person may have, and a transcript must not show names.
    """
    term = parameters.get("search")
    return (
        parameters | {"search": NONSENSE}
        if isinstance(term, str) and term.isalpha()
        else parameters
    )


def chosen(contract: Contract, seed: int, *, everything: bool) -> list[Generated]:
    """Return the part of the plan that a run sends: all of it, or one request of each kind.

    Of the requests that the schemas allow: all parameters at once, as other cases send each of them alone.
    Of those that they forbid: one for each query parameter, with as few other parameters as possible, so
    that a refusal has one reason, and one that another case sends too if there is one. Other cases send ids
    that are not UUIDs.
    """
    items = [item for item in plan(contract) if item.path == COLLECTION or not item.positive]
    if everything:
        return items
    picked = [item for item in items if item.positive and item.scenario == "default_positive_test"]
    wrong: dict[str | None, list[Generated]] = {}
    for item in items:
        if not item.positive and item.path == COLLECTION:
            wrong.setdefault(item.parameter, []).append(item)
    for group in wrong.values():
        fewest = min(item.parameters for item in group)
        simple = [item for item in group if item.parameters == fewest]
        tried = [item for item in simple if item.query and item.query[0] in _SENT_ANYWAY]
        picked.append(tried[0] if tried else simple[seed % len(simple)])
    return picked


_SENT_ANYWAY = frozenset(
    {("limit", "0.5"), ("offset", "0.5"), ("is_active", "AAA"), ("location_id", "")}
)


def problems(generated: Generated, exchange: Exchange) -> list[str]:
    """Return the problems that schemathesis finds in the response, one sentence each, with its code.

    Status code, media type and schema are judged in every response of a run, by ERR-04, ENV-11 and ROB-09.
    """
    import requests
    from schemathesis import Response
    from schemathesis.checks import not_a_server_error
    from schemathesis.core.failures import FailureGroup
    from schemathesis.specs.openapi import checks

    # schemathesis keeps the prepared request for its own reports, so it must not have the key.
    prepared = requests.Request(exchange.request.method, exchange.url).prepare()
    response = Response(
        status_code=exchange.status,
        headers=_by_name(exchange),
        content=exchange.body,
        request=prepared,
        elapsed=exchange.elapsed,
        verify=True,
    )
    wanted: list[Any] = [
        not_a_server_error,
        checks.negative_data_rejection,
    ]
    if generated.positive:
        wanted.append(checks.positive_data_acceptance)
    try:
        generated.case.validate_response(response, checks=wanted)
    except FailureGroup as group:
        return [f"{failure.code}: {failure.title}" for failure in group.exceptions]
    return []


def _by_name(exchange: Exchange) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in exchange.headers:
        found.setdefault(name, []).append(value)
    return found


def described(generated: Generated) -> str:
    """Return what is tried, as text."""
    pairs = "&".join(f"{name}={quote(str(value))}" for name, value in generated.query)
    return f"{generated.scenario.replace('_', ' ')} ({pairs or generated.path})"
