"""Servers with wrong handling of unusual search terms and paths (ROB-05, ROB-06)."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Context
from conformance.reference.queries import Condition
from conformance.reference.refusals import Refusal

# ROB-05: search terms


@fault("ROB-05", "A search term with a double quote returns 500.")
class DoubleQuoteBreaksTheServer(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        if '"' in text:
            self.store.rows('SELECT 1 FROM clinicians_text WHERE clinicians_text MATCH \'"""\'')
        return super().where_search(text)


@fault("ROB-05", "A search term with an unpaired apostrophe returns 500.")
class ApostropheBreaksTheServer(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        if text.count("'") % 2:
            raise RuntimeError("unterminated quoted string")
        return super().where_search(text)


@fault(
    "ROB-05", "A search term with an open bracket returns 500: it is read as a regular expression."
)
class OpenBracketBreaksTheServer(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        if re.search(r"[(\[]", text):
            re.compile(text[:50])
        return super().where_search(text)


@fault(
    "ROB-05",
    "A search term with `&` or `!` returns 500: brackets, colons and quotes are removed, these are not.",
    shown_by="?search=smith+%26",
)
class OperatorsBreakTheServer(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        if re.search("[&|!]", re.sub(r"[()\\[\\]{}:*'\"]", "", text)):
            raise RuntimeError("syntax error in tsquery")
        return super().where_search(text)


@fault(
    "ROB-05",
    "A search term with a comma outside of quotation marks returns 500.",
    shown_by="?search=smith%2Cjones",
)
class CommaBreaksTheServer(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        if "," in text:
            raise RuntimeError("failed to parse logic tree")
        return super().where_search(text)


@fault(
    "ROB-05",
    "A search term that ends with a backslash returns 500: it escapes what the server puts behind it.",
    shown_by="?search=smith%5C",
)
class BackslashAtTheEndBreaksTheServer(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        if text.endswith("\\"):
            raise RuntimeError("LIKE pattern must not end with escape character")
        return super().where_search(text)


@fault("ROB-05", "A search term with a NUL character returns 500.")
class NulBreaksTheServer(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        if "\0" in text:
            raise ValueError("A string literal cannot contain NUL (0x00) characters.")
        return super().where_search(text)


@fault("ROB-05", "A search term of more than 1,000 characters returns 500.")
class LongTermBreaksTheServer(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        if len(text) > 1000:
            raise RuntimeError("value too long for type character varying(1000)")
        return super().where_search(text)


@fault("ROB-05", "A search term with a character outside Latin-1 returns 500.")
class OtherScriptBreaksTheServer(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        text.encode("latin-1")
        return super().where_search(text)


@fault("ROB-05", "A search term with a character of four bytes in UTF-8 (an emoji) returns 500.")
class FourBytesBreakTheServer(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        if any(ord(letter) > 0xFFFF for letter in text):
            raise RuntimeError("Incorrect string value for column 'term'")
        return super().where_search(text)


# ROB-06: paths


@fault("ROB-06", "A control character in the id returns 500.")
class ControlCharacterInPathBreaksTheServer(ClinicianApi):
    def parse_id(self, text: str) -> str:
        if any(ord(letter) < 32 for letter in text):
            raise ValueError("embedded null byte")
        return super().parse_id(text)


@fault("ROB-06", "An id of more than 255 characters returns 500.")
class LongSegmentBreaksTheServer(ClinicianApi):
    def parse_id(self, text: str) -> str:
        if len(text) > 255:
            raise OSError(36, "File name too long")
        return super().parse_id(text)


@fault("ROB-06", "An id with a line feed at its end returns the profile.")
class LineEndBehindAnIdIsFound(ClinicianApi):
    def parse_id(self, text: str) -> str:
        return super().parse_id(text.removesuffix("\n"))


@fault("ROB-06", "An id followed by an encoded slash returns the profile; the rest is ignored.")
class EncodedSlashEndsAnId(ClinicianApi):
    def route(self, context: Context, path: str) -> None:
        head, name, tail = path.partition("/clinician-profiles/")
        super().route(context, head + name + tail.partition("/")[0] if tail else path)


@fault(
    "ROB-05",
    "A search term with a double quote returns 403 with an error envelope.",
    shown_by="?search=%22",
)
class DoubleQuoteForbidden(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        if '"' in text:
            raise Refusal(403, "FORBIDDEN", "This API key may not search for quotes.")
        return super().where_search(text)


@fault(
    "ROB-05",
    "A search term with a NUL character returns 404 as an HTML page.",
    shown_by="?search=a%00b",
)
class NulNotFound(ClinicianApi):
    def handle(self, request: Request) -> Response:
        if b"%00" in request.scope["query_string"]:
            return Response("<h1>Not Found</h1>", 404, media_type="text/html")
        return super().handle(request)
