"""The settings of a run, made of what a user gave."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from conformance.contract.cases import Depth
from conformance.http.limits import CONCURRENCY, MAX_REQUESTS, MAX_WAIT, Rate
from conformance.running import values
from conformance.running.table import ROWS
from conformance.target.network import DIRECT, Network

FILE = "conformance.toml"


@dataclass(frozen=True)
class Settings:
    """What a run was asked to do.

    ``base_url`` None means the embedded server; keys are None then too. ``replay`` is a transcript to judge
    in place of a target; what it does not leave open comes from the recorded run. ``requirements`` is the
    name of a requirement set; None means the last one.
    """

    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    other_api_key: str | None = field(default=None, repr=False)
    foreign_ids: tuple[str, ...] = ()
    location_ids: tuple[str, ...] = ()
    known_ids: tuple[str, ...] = ()
    other_location_ids: tuple[str, ...] = ()
    depth: Depth = Depth.STANDARD
    requirements: str | None = None
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
    labels: tuple[tuple[str, str], ...] = ()
    waivers: Path | None = None
    baseline: Path | None = None
    fail_on: Literal["any", "new"] = "any"
    other_target: bool = False
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    last_failed: bool = False
    recheck: Path | None = None
    dry_run: bool = False


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
        requirements=get("requirements", None),
        labels=get("label", ()),
        waivers=get("waivers", None),
        baseline=get("baseline", None),
        fail_on=get("fail_on", "any"),
        other_target=get("other_target", False),
        only=get("only", ()),
        skip=get("skip", ()),
        last_failed=get("last_failed", False),
        recheck=get("recheck", None),
        dry_run=get("dry_run", False),
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
        known_ids=get("known_id", ()),
        other_location_ids=get("other_location_id", ()),
        depth=get("depth", Depth.STANDARD),
        max_requests=get("max_requests", MAX_REQUESTS),
        seed=get("seed", 0),
        concurrency=get("concurrency", CONCURRENCY),
        rate=get("rate", None),
        max_wait=get("max_wait", MAX_WAIT),
        no_writes=get("no_writes", False),
        network=network,
    )
