"""The shape of a result: what a run hands to the report, as plain data.

A result is a dict of JSON values only. `report.schema.json` holds the same shape for readers in
other languages; `check.validate` holds a result to it and to what a schema cannot say.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypedDict

Verdict = Literal["conformant", "non-conformant", "incomplete", "untestable", "error"]
Outcome = Literal["passed", "failed", "warned", "inconclusive", "waived"]
Level = Literal["must", "should"]
Source = Literal["seed", "public", "decided"]
Identity = Literal["own", "other", "anonymous"]

LEVELS: tuple[Level, ...] = ("must", "should")
OUTCOMES: tuple[Outcome, ...] = ("passed", "failed", "warned", "inconclusive", "waived")


class Area(NamedTuple):
    """One area of the contract: its name in words and the prefix of its requirement ids."""

    name: str
    prefix: str


AREAS: tuple[Area, ...] = (
    Area("authentication", "AUTH"),
    Area("envelope", "ENV"),
    Area("profile", "OBJ"),
    Area("bounds", "LIM"),
    Area("pagination", "PAG"),
    Area("filters", "FIL"),
    Area("search", "SRCH"),
    Area("retrieve", "RET"),
    Area("isolation", "ORG"),
    Area("errors", "ERR"),
    Area("read-only", "RO"),
    Area("robustness", "ROB"),
)

SETUP = "setup"
"""The key of `requests.by_area` for what was sent before the first case."""


class Suite(TypedDict):
    """The suite that judged."""

    name: str
    version: str
    python: str
    schemathesis: str


class Contract(TypedDict):
    """The contract that was judged by; `sha256` is of the file's bytes, in lower-case hex."""

    title: str
    version: str
    sha256: str


class Identities(TypedDict):
    """Which keys the run was given."""

    own: bool
    other: bool


class Target(TypedDict):
    """What was under test. `base_url` carries no credentials."""

    base_url: str
    embedded: bool
    identities: Identities
    foreign_ids: int
    location_ids: int


class Settings(TypedDict):
    """How the target was reached and asked, as far as it explains the verdict.

    `rate` is such as `5/s`, `max_wait` in seconds; of `headers` there are only the names.
    """

    concurrency: int
    rate: str | None
    max_wait: float
    no_writes: bool
    headers: list[str]
    ca_bundle: bool
    client_cert: bool
    insecure: bool
    http2: bool


class ByIdentity(TypedDict):
    """Requests sent with each identity."""

    own: int
    other: int
    anonymous: int


class Requests(TypedDict):
    """What the run cost. `reused` counts answers taken from memory instead of being asked for.

    `by_protocol` counts the answers by the version of HTTP they came by, such as `HTTP/2`.
    """

    sent: int
    reused: int
    limit: int
    by_identity: ByIdentity
    by_area: dict[str, int]
    by_protocol: dict[str, int]
    incidents: int


class Window(TypedDict):
    """Places of the list that were read, both counted from 1 and both among them."""

    first: int
    last: int


class Slice(TypedDict):
    """A list that was read as a whole where the directory could not be: its filters, and its size."""

    query: str
    total: int


class Directory(TypedDict):
    """What was learned of the list of profiles. `total` is null where it is not known.

    A directory that is too large to be walked is sampled: `windows` and `slices` say where. `moved` says that
    records changed by themselves during the run; how many were added, removed and edited is as far as seen.
    """

    total: int | None
    walked: bool
    records_seen: int
    moved: bool
    added: int
    removed: int
    edited: int
    windows: list[Window]
    slices: list[Slice]


class Totals(TypedDict):
    """Requirements by outcome."""

    requirements: int
    passed: int
    failed: int
    warned: int
    inconclusive: int
    waived: int


class Request(TypedDict):
    """The request of a finding, without its headers."""

    method: str
    url: str
    identity: Identity


class Finding(TypedDict):
    """What was expected and what came.

    `exchange` is the number in the transcript, from 1. `curl` shows the finding again, with the
    key as a shell variable. `caused_by` is the id of the requirement whose finding explains this
    one.
    """

    case: str
    expected: str
    received: str
    detail: str | None
    exchange: int | None
    request: Request | None
    status: int | None
    request_id: str | None
    curl: str | None
    caused_by: str | None


class Requirement(TypedDict):
    """One requirement and its outcome; `exchanges` is how many exchanges it was judged on."""

    id: str
    area: str
    level: Level
    text: str
    source: Source
    outcome: Outcome
    reason: str | None
    cases: list[str]
    exchanges: int
    findings: list[Finding]


class Observation(TypedDict):
    """A behaviour that the contract leaves open; `value` is any JSON value."""

    name: str
    text: str
    value: Any


class Incident(TypedDict):
    """A fault of transport that was met and retried."""

    kind: str
    text: str
    exchange: int | None


class Result(TypedDict):
    """A whole run. Times are RFC 3339 with a zone; `warnings` say what weakens the verdict or is amiss."""

    format: Literal[2]
    verdict: Verdict
    reason: str
    exit_status: Literal[0, 1, 3, 4, 5, 130, 143]
    interrupted: bool
    suite: Suite
    contract: Contract
    target: Target
    settings: Settings
    warnings: list[str]
    depth: Literal["smoke", "standard", "deep"]
    seed: int
    started_at: str
    finished_at: str
    requests: Requests
    directory: Directory | None
    totals: Totals
    requirements: list[Requirement]
    observations: list[Observation]
    incidents: list[Incident]
