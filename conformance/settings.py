"""The settings of a run: flags, then environment, then ``conformance.toml``; the first one counts."""

from __future__ import annotations

import os
import tomllib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conformance.cases import Profile
from conformance.target import KEY_VARIABLE, OTHER_KEY_VARIABLE

FILE = "conformance.toml"
MAX_REQUESTS = 300


class UsageError(Exception):
    """A setting that cannot be used: one line that names it and says what to do."""


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
    profile: Profile = Profile.STANDARD
    max_requests: int = MAX_REQUESTS
    report_dir: Path | None = None
    seed: int = 0
    allow_incomplete: bool = False
    quiet: bool = False
    transcript: bool = False
    show_data: bool = False
    replay: Path | None = None


_VARIABLES = {
    "base_url": "CONFORMANCE_BASE_URL",
    "foreign_id": "CONFORMANCE_FOREIGN_ID",
    "location_id": "CONFORMANCE_LOCATION_ID",
    "profile": "CONFORMANCE_PROFILE",
    "max_requests": "CONFORMANCE_MAX_REQUESTS",
    "report_dir": "CONFORMANCE_REPORT_DIR",
    "seed": "CONFORMANCE_SEED",
    "allow_incomplete": "CONFORMANCE_ALLOW_INCOMPLETE",
    "quiet": "CONFORMANCE_QUIET",
    "transcript": "CONFORMANCE_TRANSCRIPT",
    "show_data": "CONFORMANCE_SHOW_DATA",
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

    profile, profile_name = get("profile")
    report_dir, report_dir_name = get("report_dir")
    if report_dir is not None and not isinstance(report_dir, str | Path):
        raise UsageError(
            f"{report_dir_name}: {report_dir!r} is no directory: give its path as a text"
        )
    settings = Settings(
        report_dir=Path(report_dir) if report_dir is not None else None,
        allow_incomplete=_boolean(*get("allow_incomplete")),
        quiet=_boolean(*get("quiet")),
        transcript=_boolean(*get("transcript")),
        show_data=_boolean(*get("show_data")),
    )
    # A flag and nothing else: what was recorded long ago must not be judged because a variable was left set.
    if flags.get("replay") is not None:
        return replace(settings, replay=Path(flags["replay"]))
    base_url = _base_url(*get("base_url"))
    own = _key(KEY_VARIABLE, environment, *get("api_key_file"))
    other = _key(OTHER_KEY_VARIABLE, environment, *get("other_api_key_file"))
    foreign = _uuids(*get("foreign_id"))
    _check_keys(base_url, own, other)
    return replace(
        settings,
        base_url=base_url,
        api_key=own if base_url else None,
        other_api_key=other if base_url else None,
        foreign_ids=foreign,
        location_ids=_uuids(*get("location_id")),
        profile=_profile(profile, profile_name),
        max_requests=_integer(*get("max_requests"), default=MAX_REQUESTS, least=1),
        seed=_integer(*get("seed"), default=0, least=0),
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


def _base_url(value: Any, name: str) -> str | None:
    if value is None:
        return None
    text = str(value).strip()
    wrong = (
        f"{name}: {text!r} is no base URL: give one with its scheme, such as https://host/api-v1"
    )
    if any(char.isspace() or not char.isprintable() for char in text):
        raise UsageError(wrong)
    try:
        parts = urlsplit(text)
        valid = parts.scheme in ("http", "https") and _is_host(parts.hostname)
    except ValueError:
        raise UsageError(wrong) from None
    if not valid:
        raise UsageError(wrong)
    if parts.query or parts.fragment:
        raise UsageError(
            f"{name}: a base URL has no query and no fragment: give what stands before /clinician-profiles"
        )
    if parts.username or parts.password:
        raise UsageError(
            f"{name}: credentials do not belong in the URL: the key goes in {KEY_VARIABLE}"
        )
    try:
        _ = parts.port
    except ValueError:
        raise UsageError(f"{name}: {text!r} has a port that is no number from 0 to 65535") from None
    return text.rstrip("/").removesuffix("/clinician-profiles").rstrip("/")


def _is_host(host: str | None) -> bool:
    """Whether a resolver would take the name at all."""
    if not host:
        return False
    if ":" in host:
        return True  # an IPv6 address: urlsplit has looked at it
    labels = host.removesuffix(".").split(".")
    return len(host) <= 253 and all(0 < len(label) <= 63 for label in labels)


def _key(variable: str, environment: Mapping[str, str], file: Any, name: str) -> str | None:
    # A key file is named on purpose, so it comes before a variable that just happens to be set.
    if file is not None:
        try:
            key = Path(str(file)).read_text("utf-8").strip()
        except (OSError, ValueError) as problem:
            why = problem.strerror if isinstance(problem, OSError) else "it is no text"
            raise UsageError(f"{name}: {file} cannot be read: {why}") from None
        if not key:
            raise UsageError(f"{name}: {file} is empty: it must hold the key alone")
    else:
        key, name = environment.get(variable, "").strip(), variable
    if not key:
        return None
    if not key.isascii() or any(char.isspace() or not char.isprintable() for char in key):
        raise UsageError(f"{name}: a key is one word of printable ASCII characters")
    return key


def _check_keys(base_url: str | None, own: str | None, other: str | None) -> None:
    if base_url is None:
        return
    if own is None:
        raise UsageError(
            f"{KEY_VARIABLE} is not set: export the key of the own organisation, or give --api-key-file"
        )
    if own == other:
        raise UsageError(
            f"{OTHER_KEY_VARIABLE} is the same key as {KEY_VARIABLE}: give the key of another organisation, "
            "or unset it and give --foreign-id"
        )


def _uuids(value: Any, name: str) -> tuple[str, ...]:
    if value is None:
        return ()
    items = value.replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        raise UsageError(f"{name}: expected one UUID or a list of them")
    for item in items:
        try:
            valid = len(str(item)) == 36 and str(uuid.UUID(str(item)))
        except ValueError:
            valid = False
        if not valid:
            raise UsageError(f"{name}: {item!r} is no UUID")
    return tuple(str(item).lower() for item in items)


def _profile(value: Any, name: str) -> Profile:
    if value is None:
        return Profile.STANDARD
    try:
        return Profile[str(value).upper()]
    except KeyError:
        raise UsageError(
            f"{name}: {value!r} is no profile: choose smoke, standard or deep"
        ) from None


def _integer(value: Any, name: str, *, default: int, least: int) -> int:
    if value is None:
        return default
    try:
        number = int(value) if not isinstance(value, bool | float) else None
    except (TypeError, ValueError):
        number = None
    if number is None or number < least:
        raise UsageError(f"{name}: {value!r} is no whole number of at least {least}")
    return number


def _boolean(value: Any, name: str) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    text = str(value).lower()
    if text in ("1", "true", "yes"):
        return True
    if text in ("0", "false", "no", ""):
        return False
    raise UsageError(f"{name}: {value!r} is neither true nor false")
