"""The contract: reads ``openapi.yaml`` once and hands out what stands in it.

Everything that the suite knows of the API (requirements, members, bounds, schemas, documented statuses)
comes from here, so that the contract is the only place where a rule is written down.
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
_NOBODYS = (["id"], ["created_at"], ["updated_at"], ["is_active"], ["is_bookable_online"])


class Contract:
    """``openapi.yaml``, parsed.

    :param source: the bytes of the document.
    :raises ContractError: where the document has no usable requirements.
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
                raise ContractError(f"requirement {requirement.id} stands twice in openapi.yaml")
            if requirement.prefix not in AREAS:
                raise ContractError(f"requirement {requirement.id} has an unknown area")
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
        """The names of the profile's members, in the order of the contract."""
        return tuple(self.schema("ClinicianProfile")["required"])

    def schema(self, name: str) -> dict[str, Any]:
        """The component schema of that name."""
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
        """Whether the contract lists this status for the operation."""
        return self._response_key(operation, status) is not None

    def response_schema(self, operation: str, status: int) -> str | None:
        """The name of the component schema for a response's body, None where the status is not listed."""
        key = self._response_key(operation, status)
        if key is None:
            return None
        name = self.operations[operation]["responses"][key]["$ref"].rsplit("/", 1)[1]
        schema = self.document["components"]["responses"][name]["content"]["application/json"][
            "schema"
        ]
        return str(schema["$ref"].rsplit("/", 1)[1])

    def problems(self, schema: str, value: object, *, at_most: int = 3) -> list[str]:
        """How ``value`` breaks the component schema of that name.

        :returns: sentences such as ``data/3/id: None is not of type 'string'``, none where it validates.
        """
        plain, silent = self._validators_of(schema)
        found = []
        for error, nameless in zip(
            plain.iter_errors(value), silent.iter_errors(value), strict=False
        ):
            path = list(error.instance_path)
            # What profiles hold is somebody's, and what holds profiles too.
            told = path[:1] in (["meta"], ["error"]) or path[-1:] in _NOBODYS
            message = error.message if told else nameless.message
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
        """A validator that says what it found, and one that says it without the values."""
        if schema not in self._validators:
            # The Rust validator: a page of 100 profiles takes it a fifth of a millisecond.
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
    """Where ``openapi.yaml`` lies: in the installed package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    for candidate in (package / "openapi.yaml", package.parent / "openapi.yaml"):
        if candidate.is_file():
            return candidate
    raise ContractError("openapi.yaml is missing: install the package again")


@lru_cache(maxsize=1)
def load() -> Contract:
    """The contract of this installation."""
    return Contract(document_path().read_bytes())
