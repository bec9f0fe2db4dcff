"""``openapi.yaml``, read once.

All that the suite knows about the API (requirements, members, bounds, schemas, documented status codes)
comes from here, so the contract is the only place that states a rule.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from conformance.contract.requirements import AREAS, Level, Requirement
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

    :param source: the bytes of the document.
    :raises ContractError: if the document has no usable requirements.
    """

    def __init__(self, source: bytes) -> None:
        self.sha256: str = hashlib.sha256(source).hexdigest()
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.document: dict[str, Any] = yaml.load(source, Loader=loader)  # noqa: S506 (a safe loader)
        self.requirements: dict[str, Requirement] = {}
        for row in _rows(self.document):
            requirement = Requirement(
                id=row["id"],
                level=Level(row["level"]),
                text=row["text"],
                source=row["source"],
                not_tested=row.get("not_tested"),
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
        return self._response_key(operation, status) is not None

    def response_schema(self, operation: str, status: int) -> str | None:
        """Return the name of the component schema of a response body, None for an unlisted status code."""
        key = self._response_key(operation, status)
        if key is None:
            return None
        name = self.operations[operation]["responses"][key]["$ref"].rsplit("/", 1)[1]
        schema = self.document["components"]["responses"][name]["content"]["application/json"][
            "schema"
        ]
        return str(schema["$ref"].rsplit("/", 1)[1])

    def problems(self, schema: str, value: object, *, at_most: int = 3) -> list[str]:
        """Return how ``value`` breaks the component schema of that name; none if it validates.

        Each problem has the form ``data/3/id: None is not of type 'string'``.
        """
        plain, masking = self._validators_of(schema)
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

    def _response_key(self, operation: str, status: int) -> str | None:
        responses = self.operations[operation]["responses"]
        for key in (str(status), f"{status // 100}XX"):
            if key in responses:
                return key
        return None

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
