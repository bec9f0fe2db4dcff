"""Parameters that schemathesis derives from the schemas of the contract, sent through our own client.

schemathesis enumerates (its coverage phase: every boundary, every wrong type) and validates the answers;
what is sent, when and how often stays with the client. The enumerator is not public API, so its version
is pinned exactly, and a test holds the plan's length and hash.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from conformance.contract.document import Contract, load
from conformance.http.exchange import Exchange
from conformance.http.request import COLLECTION, Query
from conformance.text.terms import NONSENSE

if TYPE_CHECKING:
    from schemathesis import Case

_CONFIG = {
    # Lawful servers refuse NUL, and a few refuse what is no ASCII: neither is a fault of the contract.
    "generation": {"allow-x00": False, "codec": "ascii"},
    "phases": {"coverage": {"unexpected-methods": []}},
    # A bound that is applied is as lawful as a refusal.
    "checks": {"negative_data_rejection": {"expected-statuses": ["2XX", 400, 404, 422]}},
}

_LEFT_OUT = frozenset(
    {
        # Unknown parameters may be ignored or refused, and have a case of their own.
        "object_unexpected_properties",
        # What belongs to authentication and to the transport is no parameter.
        "malformed_content_type",
        "missing_parameter",
        "unspecified_http_method",
    }
)


@dataclass(frozen=True)
class Generated:
    """One request that schemathesis thought of.

    ``positive`` says that the schemas allow it; ``scenario`` and ``parameter`` what is tried, and in which.
    """

    path: str
    query: Query
    positive: bool
    scenario: str
    parameter: str | None
    case: Case[Any]

    @property
    def parameters(self) -> int:
        """How many query parameters it has."""
        return len(self.query)


_planning = threading.Lock()


def make_ready() -> None:
    """Begin to make the plan beside other work: what it needs takes long to load, and a target to answer."""

    def work() -> None:
        with suppress(Exception):  # the case that needs the plan will say what is wrong
            plan(load())

    threading.Thread(target=work, name="conformance-plan", daemon=True).start()


def plan(contract: Contract) -> tuple[Generated, ...]:
    """Every request that the contract gives rise to, each once, in schemathesis's order."""
    with _planning:
        return _plan(contract)


@lru_cache(maxsize=2)
def _plan(contract: Contract) -> tuple[Generated, ...]:
    # The enumerator keeps state in the schema, so each plan is made from a fresh one.
    import schemathesis
    from hypothesis.configuration import set_hypothesis_home_dir
    from schemathesis.config import SchemathesisConfig
    from schemathesis.generation.modes import GenerationMode

    # What hypothesis keeps between runs has no place in the folder where somebody judges a server.
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
        query = tuple(_nobodys(dict(sent.get("params") or {})).items())
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


def _nobodys(parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters, with a search for nobody: the contract's example is a name that somebody may have.

    Sent of our own accord, it would stand in every transcript, which must not say what anybody is called.
    """
    term = parameters.get("search")
    return (
        parameters | {"search": NONSENSE}
        if isinstance(term, str) and term.isalpha()
        else parameters
    )


def chosen(contract: Contract, seed: int, *, everything: bool) -> list[Generated]:
    """What a run sends of the plan: all of it, or one of each kind.

    Of what the schemas allow: parameters alone, and all together. Of what they forbid: each parameter wrong
    in one way, with as few beside it as can be, so that a refusal has one reason; in a way that another case
    tries too, where there is one, so that both judge one answer.
    """
    items = [item for item in plan(contract) if item.path == COLLECTION or not item.positive]
    if everything:
        return items
    picked = [item for item in items if item.positive and _is_telling(item)]
    wrong: dict[str | None, list[Generated]] = {}
    for item in items:
        if not item.positive:
            wrong.setdefault(item.parameter, []).append(item)
    for group in wrong.values():
        fewest = min(item.parameters for item in group)
        simple = [item for item in group if item.parameters == fewest]
        tried = [item for item in simple if item.query and item.query[0] in _TRIED_ANYWAY]
        picked.append(tried[0] if tried else simple[seed % len(simple)])
    return picked


_ALONE = "offset"
"""The one parameter that no other case sends alone."""

_TRIED_ANYWAY = frozenset(
    {("limit", "0.5"), ("offset", "0.5"), ("is_active", "AAA"), ("location_id", "")}
)


def _is_telling(item: Generated) -> bool:
    """Whether an allowed request is one that no other case sends: a parameter alone, or all together."""
    alone = item.parameters == 1 and item.query[0][0] == _ALONE
    return alone or item.scenario == "default_positive_test"


def problems(generated: Generated, exchange: Exchange) -> list[str]:
    """What schemathesis finds wrong with the answer: a sentence each, with its code."""
    import requests
    from schemathesis import Response
    from schemathesis.checks import not_a_server_error
    from schemathesis.core.failures import FailureGroup
    from schemathesis.specs.openapi import checks

    # schemathesis keeps the prepared request for its own reports; a key has no place there.
    prepared = requests.Request(exchange.request.method, exchange.url).prepare()
    response = Response(
        status_code=exchange.status,
        headers=_by_name(exchange),
        content=exchange.body,
        request=prepared,
        elapsed=exchange.elapsed,
        verify=True,
    )
    wanted = [
        not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_headers_conformance,
        checks.response_schema_conformance,
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
    """What is tried, for a person."""
    pairs = "&".join(f"{name}={quote(str(value))}" for name, value in generated.query)
    return f"{generated.scenario.replace('_', ' ')} ({pairs or generated.path})"
