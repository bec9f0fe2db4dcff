"""The settings of a run: flags, then environment, then ``conformance.toml``; the first one counts."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from conformance.contract.cases import Depth
from conformance.errors import UsageError
from conformance.http.rate import CONCURRENCY, MAX_WAIT, Rate
from conformance.running import values
from conformance.target.network import DIRECT, Network
from conformance.target.target import KEY_VARIABLE, OTHER_KEY_VARIABLE

__all__ = ["FILE", "MAX_REQUESTS", "SETTINGS", "Settings", "UsageError", "resolve"]

FILE = "conformance.toml"
MAX_REQUESTS = 300
MOST_AT_ONCE = 32


@dataclass(frozen=True)
class Settings:
    """What a run was told.

    ``base_url`` None means the embedded server; keys are None then too. ``replay`` is a transcript to judge
    instead of a target: it says itself what the run was told.
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


_VARIABLES = {
    "base_url": "CONFORMANCE_BASE_URL",
    "foreign_id": "CONFORMANCE_FOREIGN_ID",
    "location_id": "CONFORMANCE_LOCATION_ID",
    "depth": "CONFORMANCE_DEPTH",
    "max_requests": "CONFORMANCE_MAX_REQUESTS",
    "report_dir": "CONFORMANCE_REPORT_DIR",
    "seed": "CONFORMANCE_SEED",
    "allow_incomplete": "CONFORMANCE_ALLOW_INCOMPLETE",
    "quiet": "CONFORMANCE_QUIET",
    "transcript": "CONFORMANCE_TRANSCRIPT",
    "show_data": "CONFORMANCE_SHOW_DATA",
    "rate": "CONFORMANCE_RATE",
    "max_wait": "CONFORMANCE_MAX_WAIT",
    "concurrency": "CONFORMANCE_CONCURRENCY",
    "no_writes": "CONFORMANCE_NO_WRITES",
    "header": "CONFORMANCE_HEADER",
    "ca_bundle": "CONFORMANCE_CA_BUNDLE",
    "client_cert": "CONFORMANCE_CLIENT_CERT",
    "insecure": "CONFORMANCE_INSECURE",
    "http2": "CONFORMANCE_HTTP2",
    "api_key_file": "CONFORMANCE_API_KEY_FILE",
    "other_api_key_file": "CONFORMANCE_OTHER_API_KEY_FILE",
}
SETTINGS = tuple(_VARIABLES)
"""Names of the settings as flags and in the file have them (with ``-`` for ``_``)."""

_SECRET_IN_FILE = ("api_key", "other_api_key")


def resolve(
    flags: Mapping[str, Any],
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Settings:
    """The settings of a run.

    :param flags: setting name → value; None, empty tuples and absent names say nothing.
    :param folder: where ``conformance.toml`` is looked for, by default the working directory.
    :raises UsageError: where a setting cannot be used.
    """
    environment = os.environ if environment is None else environment
    sources = [
        {name: value for name, value in flags.items() if value is not None and value != ()},
        {
            name: environment[variable]
            for name, variable in _VARIABLES.items()
            if environment.get(variable)
        },
        _from_file((folder or Path.cwd()) / FILE),
    ]
    origin = ("--{}", "{}", f"{FILE}: {{}}")

    def named(place: int, name: str) -> str:
        text = _VARIABLES[name] if place == 1 else name.replace("_", "-") if place == 0 else name
        return origin[place].format(text)

    def get(name: str) -> tuple[Any, str]:
        for place, source in enumerate(sources):
            if name in source:
                return source[name], named(place, name)
        return None, named(0, name)

    depth, depth_name = get("depth")
    report_dir, report_dir_name = get("report_dir")
    if report_dir is not None and not isinstance(report_dir, str | Path):
        raise UsageError(
            f"{report_dir_name}: {report_dir!r} is no directory: give its path as a text"
        )
    settings = Settings(
        report_dir=Path(report_dir) if report_dir is not None else None,
        allow_incomplete=values.boolean(*get("allow_incomplete")),
        quiet=values.boolean(*get("quiet")),
        transcript=values.boolean(*get("transcript"), default=True),
        show_data=values.boolean(*get("show_data")),
    )
    # A flag and nothing else: what was recorded long ago must not be judged because a variable was left set.
    if flags.get("replay") is not None:
        return replace(settings, replay=Path(flags["replay"]))
    base_url = values.base_url(*get("base_url"))
    own = values.key_of(KEY_VARIABLE, environment, *get("api_key_file"))
    other = values.key_of(OTHER_KEY_VARIABLE, environment, *get("other_api_key_file"))
    foreign = values.uuids(*get("foreign_id"))
    values.check_keys(base_url, own, other)
    return replace(
        settings,
        base_url=base_url,
        api_key=own if base_url else None,
        other_api_key=other if base_url else None,
        foreign_ids=foreign,
        location_ids=values.uuids(*get("location_id")),
        depth=values.depth(depth, depth_name),
        max_requests=values.integer(*get("max_requests"), default=MAX_REQUESTS, least=1),
        seed=values.integer(*get("seed"), default=0, least=0),
        concurrency=values.integer(
            *get("concurrency"), default=CONCURRENCY, least=1, most=MOST_AT_ONCE
        ),
        rate=values.rate(*get("rate")),
        max_wait=values.seconds(*get("max_wait"), default=MAX_WAIT),
        no_writes=values.boolean(*get("no_writes")),
        network=values.network(
            get("header"),
            get("ca_bundle"),
            get("client_cert"),
            insecure=values.boolean(*get("insecure")),
            http2=values.boolean(*get("http2")),
        ),
    )


def _from_file(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as problem:
        raise UsageError(f"{path.name}: cannot be read: {problem}") from None
    for name in content:
        if name in _SECRET_IN_FILE:
            raise UsageError(
                f"{path.name}: {name}: keys do not belong in this file, use the environment or {name}_file"
            )
        if name not in SETTINGS:
            raise UsageError(
                f"{path.name}: unknown setting {name!r}; known are {', '.join(SETTINGS)}"
            )
    return content
