"""``openapi.yaml``, read once.

All that the suite knows about the API (requirements, members, bounds, schemas, documented status codes)
comes from here, so the contract is the only place that states a rule.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from conformance.contract.requirements import AREAS, Level, Requirement
from conformance.contract.versions import Version
from conformance.errors import ContractError
from conformance.text.wording import shorten

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator as Validator


LIST = "listClinicianProfiles"
RETRIEVE = "getClinicianProfile"
_LONGEST = 160
_IMPERSONAL = (["id"], ["created_at"], ["updated_at"])
_FLAGS = (["is_active"], ["is_bookable_online"])


class Contract:
    """``openapi.yaml``, parsed.

    ``requirement_set`` is the name of the set of requirements that runs are judged by: ``1.1``; ``later``
    are the ids of requirements that were added after it.

    :param source: the bytes of the document.
    :raises ContractError: if the document has no usable version or requirements.
    """

    def __init__(self, source: bytes) -> None:
        self.sha256: str = hashlib.sha256(source).hexdigest()
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.document: dict[str, Any] = yaml.load(source, Loader=loader)  # noqa: S506 (a safe loader)
        self._version = _version(self.document["info"]["version"])
        self.requirement_set = self._version.requirement_set
        self.later: frozenset[str] = frozenset()
        self.requirements: dict[str, Requirement] = {}
        for row in _rows(self.document):
            requirement = Requirement(
                id=row["id"],
                level=Level(row["level"]),
                text=row["text"],
                source=row["source"],
                not_tested=row.get("not_tested"),
                since=self._since(row),
            )
            if requirement.id in self.requirements:
                raise ContractError(f"openapi.yaml has requirement {requirement.id} twice")
            if requirement.prefix not in AREAS:
                raise ContractError(
                    f"openapi.yaml: requirement {requirement.id} has an unknown prefix"
                )
            self.requirements[requirement.id] = requirement
        if not self.requirements:
            raise ContractError("openapi.yaml has no x-requirements")
        order = list(AREAS)
        self.requirements = dict(
            sorted(
                self.requirements.items(), key=lambda item: (order.index(item[1].prefix), item[0])
            )
        )

    @property
    def title(self) -> str:
        """The title of the API."""
        return str(self.document["info"]["title"])

    @property
    def version(self) -> str:
        """The version of the contract."""
        return str(self.document["info"]["version"])

    @property
    def requirement_sets(self) -> list[str]:
        """The names of the requirement sets that runs can be judged by, the first version's first."""
        return self._version.sets

    def set_of(self, version: str) -> str | None:
        """Return the name of a version's requirement set: ``1.0`` for ``1.0`` and for ``1.0.0``.

        None if the contract has not had that version.
        """
        found = Version.parse(version)
        if found is None or found.major != self._version.major or found > self._version:
            return None
        return found.requirement_set

    def frozen(self, requirement_set: str | None) -> Contract:
        """Return the contract with the requirements that were added after a set marked as not tested.

        :param requirement_set: the name of a set; None for the last one.
        """
        chosen = self.requirement_set if requirement_set is None else requirement_set
        version = _version(chosen)
        other = copy.copy(self)
        other.requirement_set = chosen
        other.requirements = {}
        for identifier, row in self.requirements.items():
            other.requirements[identifier] = row
            if row.since is not None and row.since > version:
                added = f"added in version {row.since.requirement_set} of the contract"
                why = f"{added}; this run is judged by {chosen}"
                other.requirements[identifier] = replace(row, not_tested=why)
                other.later |= {identifier}
        return other

    def _since(self, row: dict[str, Any]) -> Version | None:
        """Return the version that added a requirement.

        :raises ContractError: if it is not a version after the first one and up to this one.
        """
        if "since" not in row:
            return None
        sets = self.requirement_sets[1:]
        since = Version.parse(str(row["since"]))
        if since is None or since.requirement_set not in sets or since.patch:
            known = " or ".join(f"{name}.0" for name in sets) or "none: this is the first version"
            raise ContractError(
                f"openapi.yaml: requirement {row['id']} is since {row['since']!r}, expected {known}"
            )
        return since

    @cached_property
    def members(self) -> tuple[str, ...]:
        """The names of the members of a profile, in the order of the contract."""
        return tuple(self.schema("ClinicianProfile")["required"])

    def schema(self, name: str) -> dict[str, Any]:
        """Return the component schema of that name."""
        found: dict[str, Any] = self.document["components"]["schemas"][name]
        return found

    @cached_property
    def operations(self) -> dict[str, dict[str, Any]]:
        """operationId → the operation object."""
        return {
            path["get"]["operationId"]: path["get"]
            for path in self.document["paths"].values()
            if "get" in path
        }

    def documented(self, operation: str, status: int) -> bool:
        """Return whether the contract lists the status code for the operation."""
        return str(status) in self.operations[operation]["responses"]

    def response_schema(self, operation: str, status: int) -> str | None:
        """Return the name of the component schema of a response body, None for an unlisted status code."""
        response = self.operations[operation]["responses"].get(str(status))
        if response is None:
            return None
        name = response["$ref"].rsplit("/", 1)[1]
        schema = self.document["components"]["responses"][name]["content"]["application/json"][
            "schema"
        ]
        return str(schema["$ref"].rsplit("/", 1)[1])

    def problems(self, schema: str, value: object, *, at_most: int = 3) -> list[str]:
        """Return how ``value`` breaks the component schema of that name; none if it validates.

        Each problem has the form ``data/3/id: None is not of type 'string'``.
        """
        plain, masking = self._validators_of(schema)
        if plain.is_valid(value):
            return []
        found = []
        for error, masked in zip(
            plain.iter_errors(value), masking.iter_errors(value), strict=False
        ):
            path = list(error.instance_path)
            # Any other value is personal data, or contains some.
            nested = isinstance(error.instance, list | dict)
            public = path[:1] in (["meta"], ["error"]) or (
                not nested
                and (
                    path[-1:] in _IMPERSONAL
                    or (path[-1:] in _FLAGS and not isinstance(error.instance, str))
                )
            )
            # A part of a value cannot be masked, so a long one is not quoted.
            quotes = public and len(error.message) <= _LONGEST
            message = error.message if quotes else masked.message
            where = "/".join(str(step) for step in path) or "the body"
            found.append(f"{where}: {shorten(message, _LONGEST)}")
            if len(found) == at_most:
                break
        return found

    def _validators_of(self, schema: str) -> tuple[Validator, Validator]:
        """Return a validator whose messages quote values, and one whose messages do not."""
        if schema not in self._validators:
            # The Rust validator takes 0.2 ms for a page of 100 profiles.
            from jsonschema_rs import Draft202012Validator

            document = {
                "$ref": f"#/components/schemas/{schema}",
                "components": self.document["components"],
            }
            self._validators[schema] = (
                Draft202012Validator(document, validate_formats=True),
                Draft202012Validator(document, validate_formats=True, mask="the value"),
            )
        return self._validators[schema]

    @cached_property
    def _validators(self) -> dict[str, tuple[Validator, Validator]]:
        return {}


def _version(text: object) -> Version:
    found = Version.parse(str(text))
    if found is None:
        raise ContractError(f"openapi.yaml: {text!r} is not a version of the form 1.2.3")
    return found


def _rows(node: object) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield from node.get("x-requirements", ())
        for key, value in node.items():
            if key != "x-requirements":
                yield from _rows(value)
    elif isinstance(node, list):
        for value in node:
            yield from _rows(value)


def document_path() -> Path:
    """Return the path of ``openapi.yaml``: in the installed package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    for candidate in (package / "openapi.yaml", package.parent / "openapi.yaml"):
        if candidate.is_file():
            return candidate
    raise ContractError("openapi.yaml is missing: reinstall the package")


@lru_cache(maxsize=1)
def load() -> Contract:
    """Return the contract of this installation."""
    return Contract(document_path().read_bytes())
