"""The settings of a run as one table, from which ``--help``, pytest's options and the documents come."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from conformance.contract.cases import Depth
from conformance.http.rate import CONCURRENCY, MAX_WAIT, Rate
from conformance.running import values
from conformance.target.network import DIRECT, Network
from conformance.target.target import KEY_VARIABLE, OTHER_KEY_VARIABLE

FILE = "conformance.toml"
MAX_REQUESTS = 300
MAX_CONCURRENCY = 32


@dataclass(frozen=True)
class Settings:
    """What a run was asked to do.

    ``base_url`` None means the embedded server; keys are None then too. ``replay`` is a transcript to judge
    in place of a target; what it does not leave open comes from the recorded run.
    """

    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    other_api_key: str | None = field(default=None, repr=False)
    foreign_ids: tuple[str, ...] = ()
    location_ids: tuple[str, ...] = ()
    depth: Depth = Depth.STANDARD
    max_requests: int = MAX_REQUESTS
    report_dir: Path | None = None
    seed: int = 0
    allow_incomplete: bool = False
    quiet: bool = False
    transcript: bool = True
    show_data: bool = False
    replay: Path | None = None
    concurrency: int = CONCURRENCY
    rate: Rate | None = None
    max_wait: float = MAX_WAIT
    no_writes: bool = False
    network: Network = DIRECT


class Kind(StrEnum):
    """How a setting is written on the command line."""

    VALUE = "value"
    LIST = "list"
    SWITCH = "switch"
    ON_OR_OFF = "on or off"


@dataclass(frozen=True)
class Setting:
    """One row of the table.

    ``parse`` takes the raw value and the name under which the user gave it, and raises ``UsageError``.
    ``default`` is shown in the help; None where absence means nothing. ``forecast`` says whether ``doctor``
    takes the setting too, ``pytest`` whether plain pytest has an option for it. ``layers`` are the sources
    that may give it.
    """

    name: str
    metavar: str | None
    help: str
    parse: Callable[[Any, str], Any]
    default: str | None = None
    kind: Kind = Kind.VALUE
    forecast: bool = False
    pytest: bool = False
    layers: frozenset[str] = frozenset({"flag", "environment", "file"})

    @property
    def flag(self) -> str:
        """The option on the command line, ``--max-requests``."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def variable(self) -> str:
        """The environment variable, ``CONFORMANCE_MAX_REQUESTS``."""
        return f"CONFORMANCE_{self.name.upper()}"


_FLAG = frozenset({"flag"})
_ENVIRONMENT = frozenset({"environment"})

TABLE: tuple[Setting, ...] = (
    Setting(
        "base_url",
        "URL",
        "Target, without /clinician-profiles.",
        values.base_url,
        default="the embedded server",
        forecast=True,
        pytest=True,
    ),
    Setting("api_key", None, "Your key.", values.key, layers=_ENVIRONMENT),
    Setting(
        "other_api_key",
        None,
        "A key of a second organisation; without it, isolation is not checked.",
        values.key,
        layers=_ENVIRONMENT,
    ),
    Setting(
        "api_key_file",
        "FILE",
        f"File that holds your key, in place of {KEY_VARIABLE}.",
        values.key_file,
        forecast=True,
        pytest=True,
    ),
    Setting(
        "other_api_key_file",
        "FILE",
        f"File that holds the second organisation's key, in place of {OTHER_KEY_VARIABLE}.",
        values.key_file,
        forecast=True,
        pytest=True,
    ),
    Setting(
        "foreign_id",
        "UUID",
        "Id of a profile of another organisation, if you have no second key. Repeatable.",
        values.uuids,
        kind=Kind.LIST,
        forecast=True,
    ),
    Setting(
        "location_id",
        "UUID",
        "Id of a location that exists. Repeatable.",
        values.uuids,
        kind=Kind.LIST,
        forecast=True,
    ),
    Setting(
        "depth",
        "NAME",
        "How much to ask: smoke, standard or deep.",
        values.depth,
        default="standard",
        forecast=True,
        pytest=True,
    ),
    Setting(
        "max_requests",
        "N",
        "Hard limit on the requests with each key.",
        values.integer(least=1),
        default=str(MAX_REQUESTS),
        forecast=True,
        pytest=True,
    ),
    Setting(
        "report_dir",
        "DIR",
        "Directory for the report.",
        values.path,
        default="reports/<time>-<host>",
        pytest=True,
    ),
    Setting(
        "seed",
        "N",
        "Seed of all choices; nothing else is random.",
        values.integer(least=0),
        default="0",
        forecast=True,
        pytest=True,
    ),
    Setting(
        "rate",
        "RATE",
        "Maximum rate of all requests: 5/s, 100/m or 900/h.",
        values.rate,
        default="no limit",
        forecast=True,
    ),
    Setting(
        "max_wait",
        "SECONDS",
        "Longest wait for a rate limit to reset; 0 never waits.",
        values.seconds,
        default=f"{MAX_WAIT:g}",
        forecast=True,
    ),
    Setting(
        "concurrency",
        "N",
        f"Requests in flight at the same time, 1 to {MAX_CONCURRENCY}.",
        values.integer(least=1, most=MAX_CONCURRENCY),
        default=str(CONCURRENCY),
        forecast=True,
    ),
    Setting(
        "no_writes",
        None,
        "Send no POST, PUT, PATCH or DELETE; the requirements that need them cannot be checked.",
        values.boolean,
        kind=Kind.SWITCH,
        forecast=True,
    ),
    Setting(
        "header",
        "NAME:VALUE",
        "Header for every request, for example for a gateway. Repeatable. If its value is secret, use "
        "the variable (one header a line): other users of this machine can read arguments.",
        values.headers,
        kind=Kind.LIST,
        forecast=True,
    ),
    Setting(
        "ca_bundle",
        "FILE",
        "Certificate authorities to trust, in PEM, in place of the usual ones.",
        values.file,
        forecast=True,
    ),
    Setting(
        "client_cert",
        "FILE[,KEY]",
        "Client certificate in PEM, with its key in the same file or in a second one.",
        values.files,
        forecast=True,
    ),
    Setting(
        "insecure",
        None,
        "Skip certificate verification. The report says so.",
        values.boolean,
        kind=Kind.SWITCH,
        forecast=True,
    ),
    Setting(
        "http2",
        None,
        "Use HTTP/2 if the target offers it over TLS.",
        values.boolean,
        default="HTTP/1.1",
        kind=Kind.SWITCH,
        forecast=True,
    ),
    Setting(
        "allow_incomplete",
        None,
        "Exit with status 0 if the run is incomplete.",
        values.boolean,
        kind=Kind.SWITCH,
        pytest=True,
    ),
    Setting(
        "quiet",
        None,
        "Print only the verdict and the report's path.",
        values.boolean,
        kind=Kind.SWITCH,
    ),
    Setting(
        "replay",
        "FILE",
        "Judge a transcript.har again, offline and without keys, with the settings of its run.",
        values.path,
        pytest=True,
        layers=_FLAG,
    ),
    Setting(
        "transcript",
        None,
        "Record every exchange in transcript.har, for --replay.",
        values.boolean,
        default="on",
        kind=Kind.ON_OR_OFF,
    ),
    Setting(
        "show_data",
        None,
        "Write profile data to report and transcript unmasked.",
        values.boolean,
        kind=Kind.SWITCH,
    ),
)
"""Every setting, in the order in which the help lists them."""

ROWS: Mapping[str, Setting] = {row.name: row for row in TABLE}

SETTINGS: tuple[str, ...] = tuple(row.name for row in TABLE if "file" in row.layers)
"""Names that ``conformance.toml`` may hold."""


@dataclass(frozen=True, slots=True)
class Given:
    """A raw value, and the name under which the user gave it: a flag, a variable, a line of the file."""

    value: Any
    name: str


def settings_of(
    given: Mapping[str, Given], environment: Mapping[str, str] | None = None
) -> Settings:
    """Return the settings that a user gave.

    :param given: setting name → the value that counts; settings that are absent have their default.
    :param environment: variables that may hold the keys, by default those of this process.
    :raises UsageError: if a setting cannot be used.
    """
    environment = os.environ if environment is None else environment

    def get(name: str, default: Any) -> Any:
        item = given.get(name)
        return default if item is None else ROWS[name].parse(item.value, item.name)

    def key(name: str) -> str | None:
        # A key file is named on purpose, so it outranks a variable that happens to be set.
        row = ROWS[name]
        from_file: str | None = get(f"{name}_file", None)
        value = environment.get(row.variable, "").strip()
        return from_file or (row.parse(value, row.variable) if value else None)

    settings = Settings(
        report_dir=get("report_dir", None),
        allow_incomplete=get("allow_incomplete", False),
        quiet=get("quiet", False),
        transcript=get("transcript", True),
        show_data=get("show_data", False),
        replay=get("replay", None),
    )
    if settings.replay is not None:
        return settings
    base_url = get("base_url", None)
    own, other = key("api_key"), key("other_api_key")
    foreign = get("foreign_id", ())
    values.check_keys(base_url, own, other)
    network = Network(
        get("header", ()),
        get("ca_bundle", None),
        get("client_cert", ()),
        get("insecure", False),
        get("http2", False),
    )
    values.check_network(network, {name: item.name for name, item in given.items()})
    return replace(
        settings,
        base_url=base_url,
        api_key=own if base_url else None,
        other_api_key=other if base_url else None,
        foreign_ids=foreign,
        location_ids=get("location_id", ()),
        depth=get("depth", Depth.STANDARD),
        max_requests=get("max_requests", MAX_REQUESTS),
        seed=get("seed", 0),
        concurrency=get("concurrency", CONCURRENCY),
        rate=get("rate", None),
        max_wait=get("max_wait", MAX_WAIT),
        no_writes=get("no_writes", False),
        network=network,
    )
