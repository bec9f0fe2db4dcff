"""The part of the grammar that is about bodies: their encoding, their envelope, and members of ``meta``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from conformance.diagnosis.context import Context
from conformance.diagnosis.forms import NOT_JUDGED, RIGHT, Aspect

_EVERY = frozenset(
    {"AUTH", "ENV", "ERR", "FIL", "LIM", "OBJ", "ORG", "PAG", "RET", "RO", "ROB", "SRCH"}
)
_ENVELOPE = frozenset({"ENV-01", "ENV-03", "ENV-04", "ROB-09"})
_CODE = re.compile(r"[A-Z][A-Z0-9_]*")
_SCRIPT = re.compile(rb"\s{0,9}[\w.$/*]{0,99}[\w.$]\(.*\);?\s{0,9}", re.DOTALL)
_KINDS = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "an array",
    dict: "an object",
    type(None): "null",
}


def kind(value: Any) -> str:
    """Return the type of a JSON value in words."""
    return _KINDS.get(type(value), "of no type")


def bodies() -> Iterator[Aspect]:
    """Yield what can be wrong with a body, from its bytes to the members of its envelope."""
    yield Aspect(
        _unreadable,
        _EVERY,
        "the body is not made by the JSON encoder of the framework: a filter, a template, a debugging tool "
        "or the language itself writes beside it, or another encoding is set",
        "write every body with one JSON encoder, in UTF-8, and nothing before or behind it",
    )
    yield Aspect(
        _encoding,
        _EVERY,
        "the server writes bodies in the character set of its locale or database",
        "encode every body in UTF-8, and read the database in UTF-8",
    )
    yield Aspect(
        _media_type,
        frozenset({"ENV-11"}),
        "the error handler or the proxy in front sets a content type of its own",
        "send `Content-Type: application/json` with every body",
    )
    yield Aspect(
        _data,
        _EVERY,
        "a serializer or an error handler of the framework has another envelope, or unwraps what is empty or "
        "single",
        "return `data` in the documented envelope from every route and error handler",
    )
    yield Aspect(
        _error,
        _ENVELOPE,
        "errors are made in several places (framework, middleware, gateway), each with a form of its own",
        "make every error in one handler, with `data` null, `error.code` and `error.message`",
    )
    usually = "each error is written by hand, or the text and number of the framework are passed on"
    fix = "take code and message from one table of errors"
    for name, requirement, test in (
        ("code", "ENV-05", lambda text: bool(_CODE.fullmatch(text))),
        ("message", "ENV-06", lambda text: bool(text.strip())),
    ):
        yield Aspect(_member_of_error(name, test), frozenset({requirement}), usually, fix)
    yield Aspect(
        _member_of_meta("request_id", (str,), bool),
        frozenset({"ENV-07", "ENV-02"}),
        "the request id is set in a layer that these responses do not pass, or is the number of a log line",
        "set the request id, a text, in the outermost layer, and put it in every body",
        re.compile("request_id"),
    )
    for name, types in (
        ("limit", (int,)),
        ("has_more", (bool,)),
        ("next_offset", (int, type(None))),
    ):
        yield Aspect(
            _member_of_meta(name, types, lambda _: True),
            frozenset({"ENV-02"}),
            "the value is passed on in the type in which it arrived or was computed, or members without a "
            "value are left out",
            f"convert `{name}` to its documented type, and always send it",
            re.compile(rf"\b{name}\b"),
        )


def _has_body(context: Context) -> bool:
    exchange = context.exchange
    return (
        context.request.method != "HEAD"
        and exchange.status not in (0, 204, 304)
        and not exchange.cut
        and not exchange.broken
        and context.operation in ("list", "retrieve")
    )


def _unreadable(context: Context) -> str | None:
    if not _has_body(context):
        return NOT_JUDGED
    body, problem = context.exchange.body, context.exchange.json_problem
    if _is_latin(body) or context.exchange.excess is not None or _is_cut_off(context):
        return NOT_JUDGED
    if isinstance(context.exchange.json, str):
        return "the body is a JSON text within a JSON string"
    if problem is None:
        return RIGHT
    if not body:
        return "the body is empty"
    return _of_bytes(body) or _of_text(body, problem)


def _encoding(context: Context) -> str | None:
    """Look only at bodies that are not ASCII: the others are the same in most encodings."""
    body = context.exchange.body
    if not _has_body(context) or body.isascii() or body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return NOT_JUDGED
    return "the body is not encoded in UTF-8" if _is_latin(body) else RIGHT


def _is_latin(body: bytes) -> bool:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    try:
        body.decode()
    except UnicodeDecodeError:
        return True
    return False


def _is_cut_off(context: Context) -> bool:
    """Return whether the framing of the response, and not its text, is what is wrong."""
    return bool(context.exchange.surplus) or bool(context.exchange.broken)


def _of_bytes(body: bytes) -> str:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "the body is encoded in UTF-16"
    if body.startswith(b"\xef\xbb\xbf"):
        return "the body starts with a byte order mark"
    if body.lstrip().lower().startswith((b"<!doctype html", b"<html")):
        return "the body is an HTML page"
    return "the body is a script that calls a function" if _SCRIPT.fullmatch(body) else ""


def _of_text(body: bytes, problem: str) -> str:
    text = body.decode()
    if re.search("twice|repeated|more than once|duplicate", problem):
        return "the body has the same member twice"
    if re.search("NaN|Infinity", problem):
        return "the body has NaN or Infinity, which are not JSON"
    start = re.search(r"[{\[]", text)
    if start is None:
        return "the body is not JSON"
    at = text.find("{")
    try:
        _, end = json.JSONDecoder().raw_decode(text, max(at, 0))
    except ValueError:
        return "the body is not JSON"
    if text[:at].strip():
        return "the body has other text in front of its JSON"
    return (
        "the body has other text behind its JSON" if text[end:].strip() else "the body is not JSON"
    )


def _media_type(context: Context) -> str | None:
    if not _has_body(context) or not context.exchange.body:
        return NOT_JUDGED
    value = context.exchange.header("content-type") or ""
    name, _, rest = value.lower().partition(";")
    name = name.strip()
    if name != "application/json":
        shown = f"`{name}`" if re.fullmatch(r"[\w./+-]{3,40}", name) else "missing or malformed"
        return f"the content type is {shown}"
    charset = re.search(r"charset=\"?([\w-]+)", rest)
    if charset and charset.group(1) not in ("utf-8", "utf8"):
        return "the content type names another charset than UTF-8"
    return RIGHT


def _data(context: Context) -> str | None:
    body = context.exchange.json
    if not _has_body(context) or body is None or context.exchange.status != 200:
        return NOT_JUDGED
    if not isinstance(body, dict):
        return f"the body is {kind(body)}, without an envelope"
    wanted = list if context.operation == "list" else dict
    what = "a list" if wanted is list else "a profile"
    if "data" in body:
        data = body["data"]
        return RIGHT if isinstance(data, wanted) else f"`data` of {what} is {kind(data)}"
    if {"id", "name"} <= body.keys():
        return "a profile is at the top level of the body, without `data`"
    for name, value in body.items():
        if isinstance(value, wanted) and name not in ("meta", "error"):
            return f"{what} is in the member `{_shown(name)}` instead of `data`"
    if {"body", "statusCode"} <= body.keys():
        return "the body is the envelope of a function with the response as a text"
    return "`data` is missing"


def _error(context: Context) -> str | None:
    exchange = context.exchange
    if not _has_body(context) or exchange.status < 400 or exchange.json is None:
        return NOT_JUDGED
    body = exchange.json
    if not isinstance(body, dict):
        return f"the body of an error is {kind(body)}"
    if "data" not in body and "error" not in body:
        return "an error has another envelope, without `data` and `error`"
    if "data" not in body:
        return "`data` is missing in an error"
    if body["data"] is not None:
        return f"`data` of an error is {kind(body['data'])} instead of null"
    if not isinstance(body.get("error"), dict):
        return f"`error` is {kind(body.get('error'))} instead of an object"
    return RIGHT if isinstance(body.get("meta"), dict) else "`meta` is missing in an error"


def _member_of_error(name: str, test: Callable[[str], bool]) -> Callable[[Context], str | None]:
    def look(context: Context) -> str | None:
        error = context.exchange.member("error")
        if not isinstance(error, dict) or context.exchange.status < 400:
            return NOT_JUDGED
        if name not in error:
            return f"`error.{name}` is missing"
        value = error[name]
        if not isinstance(value, str):
            return f"`error.{name}` is {kind(value)} instead of a string"
        if test(value):
            return RIGHT
        if not value.strip():
            return f"`error.{name}` is empty"
        return f"`error.{name}` is not in upper case with underscores"

    return look


def _member_of_meta(
    name: str, types: tuple[type, ...], test: Callable[[Any], bool]
) -> Callable[[Context], str | None]:
    def look(context: Context) -> str | None:
        exchange = context.exchange
        meta = exchange.member("meta")
        if not _has_body(context) or not isinstance(meta, dict):
            return NOT_JUDGED
        if name != "request_id" and not (exchange.is_page and context.operation == "list"):
            return NOT_JUDGED
        if name not in meta:
            return f"`meta.{name}` is missing"
        value = meta[name]
        if type(value) not in types:
            return f"`meta.{name}` is {kind(value)}"
        return RIGHT if test(value) else f"`meta.{name}` is empty"

    return look


def _shown(name: str) -> str:
    return name if re.fullmatch(r"[\w.-]{1,40}", name) else "…"
