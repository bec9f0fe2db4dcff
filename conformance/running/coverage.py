"""What of the contract a run has touched, told from its exchanges; nothing is sent for it.

A group is a part of the contract (the statuses of an operation, the values of a parameter, the members of a
schema). Each of its points has the first exchange that touched it, or none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from conformance.contract import points
from conformance.contract.document import Contract
from conformance.http.exchange import Exchange

Group = dict[str, int | None]
"""Name of a point → the first exchange that touched it."""

KINDS = ("operations", "parameters", "statuses", "media types", "headers", "schemas")


class Coverage:
    """Collects what exchanges touch.

    :param contract: states what there is to touch.
    """

    def __init__(self, contract: Contract) -> None:
        self._document = contract.document
        self._contract = contract
        self.groups: dict[tuple[str, str], Group] = {}
        self._paths: list[tuple[re.Pattern[str], str]] = []
        self._parameters: dict[str, list[tuple[dict[str, Any], dict[str, Any], Group]]] = {}
        self._responses: dict[tuple[str, str], str | None] = {}
        self._open: dict[str, dict[str, tuple[dict[str, Any], Group, str]]] = {}
        self._build()

    def _build(self) -> None:
        operations = self._group("operations", "")
        for path, item in self._document["paths"].items():
            if "get" not in item:
                continue
            operation = item["get"]
            name = operation["operationId"]
            operations[name] = None
            pattern = re.sub(r"\\{[^/]*\\}", "([^/]*)", re.escape(path))
            self._paths.append((re.compile(pattern), name))
            self._parameters[name] = []
            for node in operation.get("parameters", ()):
                self._parameter(name, points.resolved(self._document, node))
            statuses = self._group("statuses", name)
            types, headers = self._group("media types", name), self._group("headers", name)
            for status, node in operation["responses"].items():
                response = points.resolved(self._document, node)
                statuses[status] = None
                types.update({f"{status} {kind}": None for kind in response.get("content", ())})
                headers.update(
                    {f"{status} {header}": None for header in response.get("headers", ())}
                )
                for media in response.get("content", {}).values():
                    self._schema(media["schema"]["$ref"].rpartition("/")[2])

    def _group(self, kind: str, place: str) -> Group:
        return self.groups.setdefault((kind, place), {})

    def _parameter(self, operation: str, parameter: dict[str, Any]) -> None:
        schema = points.resolved(self._document, parameter["schema"])
        group = self._group("parameters", f"{operation} {parameter['name']}")
        group |= dict.fromkeys(
            points.sent_points(schema, required=parameter.get("required", False))
        )
        self._parameters[operation].append((parameter, schema, group))

    def _schema(self, name: str) -> None:
        """Add the points of a component schema, and of those that it refers to."""
        if name in self._open:
            return
        self._open[name] = {}
        schema = self._contract.schema(name)
        properties = schema.get("properties", {})
        members = {
            member: points.resolved(self._document, node) for member, node in properties.items()
        }
        group = self._group("schemas", name)
        for member, node in (members or {"": schema}).items():
            names = points.received_points(node)
            group |= dict.fromkeys(f"{member} {point}".strip() for point in names)
            raw = properties.get(member, {})
            below = next(filter(None, (raw.get("$ref"), raw.get("items", {}).get("$ref"))), "")
            below = below.rpartition("/")[2]
            if below:
                self._schema(below)
            self._open[name][member] = (node, group, below)

    def see(self, exchange: Exchange) -> None:
        """Add what an exchange touches."""
        path = exchange.request.path
        found = next(
            ((name, match) for pattern, name in self._paths if (match := pattern.fullmatch(path))),
            None,
        )
        if found is None:
            return
        name, match = found
        number, status = exchange.number, str(exchange.status)
        if exchange.request.method == "GET":
            _touch(self.groups["operations", ""], name, number)
            self._see_request(name, exchange, match)
        _touch(self.groups["statuses", name], status, number)
        for header, _ in exchange.headers:
            self._see_header(name, status, header, exchange)
        self._see_body(name, exchange)

    def _see_request(self, operation: str, exchange: Exchange, match: re.Match[str]) -> None:
        query = exchange.request.query
        for parameter, schema, group in self._parameters[operation]:
            if parameter["in"] == "path":
                values: list[str | bytes] = [match[1]]
            else:
                values = [value for key, value in query if key == parameter["name"]]
            if not values:
                _touch(group, "absent", exchange.number)
            for value in values:
                for point in points.sent(schema, value):
                    _touch(group, point, exchange.number)

    def _see_header(self, operation: str, status: str, header: str, exchange: Exchange) -> None:
        if header == "content-type":
            kind = (exchange.header(header) or "").partition(";")[0].strip().lower()
            _touch(self.groups["media types", operation], f"{status} {kind}", exchange.number)
            return
        group = self.groups["headers", operation]
        for point, seen in group.items():
            if seen is None and point.lower() == f"{status} {header}":
                _touch(group, point, exchange.number)

    def _see_body(self, operation: str, exchange: Exchange) -> None:
        key = operation, str(exchange.status)
        if key not in self._responses:
            self._responses[key] = self._contract.response_schema(operation, exchange.status)
        schema = self._responses[key]
        if schema is not None and exchange.request.method != "HEAD":
            self._value(schema, exchange.json, exchange.number)

    def _value(self, name: str, value: Any, number: int) -> bool:
        """Add what a value touches of a component schema; return whether all of that is touched."""
        members = self._open[name]
        for member in list(members):
            node, group, below = members[member]
            if member and not (isinstance(value, dict) and member in value):
                continue
            item = value[member] if member else value
            for point in points.received(node, item):
                _touch(group, f"{member} {point}".strip(), number)
            done = True
            if below:
                for part in item if isinstance(item, list) else [item]:
                    done = self._value(below, part, number)
                    if done:
                        break
                else:
                    done = not self._open[below]
            prefix = f"{member} " if member else ""
            if done and all(
                group[point] is not None for point in group if point.startswith(prefix)
            ):
                del members[member]
        return not members


def of(contract: Contract, exchanges: Iterable[Exchange]) -> list[dict[str, Any]]:
    """Return the coverage of a run as JSON values, in the order of the contract."""
    coverage = Coverage(contract)
    for exchange in exchanges:
        coverage.see(exchange)
    return [
        {
            "kind": kind,
            "place": place,
            "points": [{"name": name, "exchange": number} for name, number in group.items()],
        }
        for (kind, place), group in sorted(
            coverage.groups.items(), key=lambda item: KINDS.index(item[0][0])
        )
        if group
    ]


def _touch(group: Group, name: str, number: int) -> None:
    if group.get(name, number) is None:
        group[name] = number
