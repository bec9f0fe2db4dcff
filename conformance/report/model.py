"""The types of a result: the outcome of a run as plain JSON values.

`report.schema.json` describes the same for other languages; `check.validate` checks a result against it.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, NotRequired, TypedDict

from conformance.report.statements import Baseline, Place, Waiver

Verdict = Literal["conformant", "non-conformant", "incomplete", "partial", "untestable", "error"]
Outcome = Literal["passed", "failed", "warned", "inconclusive", "waived", "unselected"]
Level = Literal["must", "should"]
Source = Literal["seed", "public", "decided"]
Identity = Literal["own", "other", "anonymous"]

Severity = Literal[
    "data leak", "access", "data loss", "crash", "wrong result", "contract form", "advice"
]

LEVELS: tuple[Level, ...] = ("must", "should")
OUTCOMES: tuple[Outcome, ...] = (
    *("passed", "failed", "warned", "inconclusive"),
    *("waived", "unselected"),
)


class Area(NamedTuple):
    """An area of the contract: its name, and the prefix of its requirement ids."""

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
"""The key of `requests.by_area` for requests sent before the first case."""


class Suite(TypedDict):
    """The suite and the software that it ran on."""

    name: str
    version: str
    python: str
    schemathesis: str


class Contract(TypedDict):
    """The contract; `sha256` is the checksum of the file, in lower-case hex.

    `requirements` is the set of requirements that the target was judged by, for example `1.0`.
    """

    title: str
    version: str
    requirements: str
    sha256: str


class Identities(TypedDict):
    """Which keys the run was given."""

    own: bool
    other: bool


class Target(TypedDict):
    """The target of the run. `base_url` has no credentials."""

    base_url: str
    embedded: bool
    identities: Identities
    foreign_ids: int
    location_ids: int
    known_ids: int
    other_location_ids: int


class Settings(TypedDict):
    """The settings that can explain the verdict.

    `rate` is, for example, `5/s`; `max_wait` is in seconds; `headers` are names without values. `only` and
    `skip` are names of requirements; a run on all has none, and older reports lack both members.
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
    only: NotRequired[list[str]]
    skip: NotRequired[list[str]]


class ByIdentity(TypedDict):
    """Requests sent with each identity."""

    own: int
    other: int
    anonymous: int


class Requests(TypedDict):
    """Numbers of requests. `reused` counts requests that were not sent: the run already had the response.

    `by_protocol` counts responses by their version of HTTP, for example `HTTP/2`.
    """

    sent: int
    reused: int
    limit: int
    by_identity: ByIdentity
    by_area: dict[str, int]
    by_protocol: dict[str, int]
    incidents: int


class Window(TypedDict):
    """A range of the list that was read: positions from 1, both included."""

    first: int
    last: int


class Slice(TypedDict):
    """A filtered list that was read completely because the directory is too large: its query and its size."""

    query: str
    total: int


class Directory(TypedDict):
    """How much of the list of profiles was read. `total` is null if it is not known.

    `walked` says that it was read completely. Otherwise `windows` and `slices` list the parts that were read.
    `moved` says that records changed during the run; `added`, `removed` and `edited` count the changes that
    the run could see.
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
    """Numbers of requirements by outcome."""

    requirements: int
    passed: int
    failed: int
    warned: int
    inconclusive: int
    waived: int
    unselected: int


class Request(TypedDict):
    """The request of a finding, without its headers."""

    method: str
    url: str
    identity: Identity


class Finding(TypedDict):
    """A difference between the contract and the target: what was expected, and what was received.

    `exchange` is the number in the transcript, from 1. `curl` is a command that reproduces the finding,
    with the key as a shell variable. `fingerprint` is the same for the same kind of finding in other runs.
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
    fingerprint: str


class Requirement(TypedDict):
    """A requirement and its outcome; `exchanges` is the number of exchanges that it was judged on."""

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


class Cause(TypedDict):
    """The probable cause of a defect: how the server does it, what leads to it, how it is mended.

    `explains` counts the deviating responses that it predicts, `agrees` the other responses that it predicts,
    `contradicts` those that it does not. `candidates` has the mechanisms that the run cannot tell apart.
    """

    mechanism: str
    usually: str
    fix: str
    explains: int
    contradicts: int
    agrees: int
    candidates: list[str]


class Witness(TypedDict):
    """One line of the table that shows a defect."""

    what: str
    expected: str
    received: str


class Defect(TypedDict):
    """What is wrong: findings that have one cause, or one structure if no cause is known.

    Every finding belongs to exactly one defect. The first of `requirements` is the one that the title speaks
    of. `reproduction` holds lines of shell.
    """

    id: str
    title: str
    severity: Severity
    areas: list[str]
    requirements: list[str]
    findings: list[Place]
    probable_cause: Cause | None
    reproduction: list[str]
    witnesses: list[Witness]


class Observation(TypedDict):
    """A behaviour that the contract leaves open; `value` is any JSON value."""

    name: str
    text: str
    value: Any


class Incident(TypedDict):
    """A transport failure after which the request was retried."""

    kind: str
    text: str
    exchange: int | None


class Exchange(TypedDict):
    """One request. `headers` and `body` are present if a finding or an incident names the exchange."""

    number: int
    method: str
    url: str
    identity: Identity
    status: int | None
    milliseconds: float
    bytes: int
    headers: NotRequired[list[list[str]]]
    body: NotRequired[str]


class CoveragePoint(TypedDict):
    """A point of the contract, and the first exchange that touched it; null if none did."""

    name: str
    exchange: int | None


class Coverage(TypedDict):
    """The points of one part of the contract. `place` is an operation, a parameter of one, or a schema."""

    kind: Literal["operations", "parameters", "statuses", "media types", "headers", "schemas"]
    place: str
    points: list[CoveragePoint]


class Result(TypedDict):
    """The result of a run. Times are RFC 3339 with a zone; `warnings` name what weakens the verdict."""

    format: Literal[2]
    verdict: Verdict
    reason: str
    exit_status: Literal[0, 1, 2, 3, 4, 5, 130, 143]
    interrupted: bool
    labels: dict[str, str]
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
    defects: list[Defect]
    requirements: list[Requirement]
    observations: list[Observation]
    incidents: list[Incident]
    exchanges: NotRequired[list[Exchange]]
    coverage: NotRequired[list[Coverage]]
    waivers: list[Waiver]
    baseline: Baseline | None
