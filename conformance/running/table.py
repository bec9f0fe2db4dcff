"""One table of all settings, from which ``--help``, pytest's options and the documents come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from conformance.http.limits import CONCURRENCY, MAX_REQUESTS, MAX_WAIT
from conformance.running import values
from conformance.target.target import KEY_VARIABLE, OTHER_KEY_VARIABLE

MAX_CONCURRENCY = 32


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
        "other_location_id",
        "UUID",
        "Id of a location of the second organisation, if GET /locations lists none. Repeatable.",
        values.uuids,
        kind=Kind.LIST,
        forecast=True,
    ),
    Setting(
        "known_id",
        "UUID",
        "Id of a profile of your organisation that must be listed and retrievable. Repeatable.",
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
        "only",
        "NAME",
        "Judge only these requirements: ids, areas, must or should. Repeatable.",
        values.names,
        kind=Kind.LIST,
    ),
    Setting(
        "skip",
        "NAME",
        "Leave these requirements out. Repeatable.",
        values.names,
        kind=Kind.LIST,
    ),
    Setting(
        "last_failed",
        None,
        "Judge only what failed in reports/latest, as --recheck does.",
        values.boolean,
        kind=Kind.SWITCH,
        layers=_FLAG,
    ),
    Setting(
        "recheck",
        "REPORT",
        "Judge only what failed in this report, with its depth and seed: fixed, or still failing.",
        values.path,
        layers=_FLAG,
    ),
    Setting(
        "requirements",
        "VERSION",
        "Version of the contract whose requirements are judged; later ones are listed as not tested.",
        values.requirements,
        default="the last version",
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
        "label",
        "KEY=VALUE",
        "Label of the run in every report, such as version=2.4. Repeatable; one a line in the variable.",
        values.labels,
        kind=Kind.LIST,
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
        "waivers",
        "FILE",
        "Accepted breaches, each with an owner, a reason and a last day; see conformance waive.",
        values.path,
        default="waivers.yaml, if it exists",
        pytest=True,
    ),
    Setting(
        "baseline",
        "REPORT",
        "Earlier report on the target: every form says what is new, fixed and known.",
        values.path,
        pytest=True,
    ),
    Setting(
        "fail_on",
        "WHAT",
        "any: every failure fails the run. new: only what the baseline does not have.",
        values.fail_on,
        default="any",
        pytest=True,
    ),
    Setting(
        "other_target",
        None,
        "Accept a baseline of another base URL.",
        values.boolean,
        kind=Kind.SWITCH,
    ),
    Setting(
        "dry_run",
        None,
        "Print the requests of the run, from a rehearsal on a model of the target, and send at most 12.",
        values.boolean,
        kind=Kind.SWITCH,
        layers=_FLAG,
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
