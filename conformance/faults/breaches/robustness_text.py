"""Servers that break on what a search term or a path holds (ROB-05 and ROB-06)."""

from __future__ import annotations

import re

from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Context
from conformance.reference.queries import Condition

# ROB-05: terms


@fault("ROB-05", "A term is put into quotes as it is: one that holds a quote breaks the server.")
class DoubleQuoteBreaksTheServer(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        if '"' in text:
            self.store.rows('SELECT 1 FROM clinicians_text WHERE clinicians_text MATCH \'"""\'')
        return super().where_search(text)


@fault(
    "ROB-05", "A term is put into the text of a query: one with an apostrophe breaks the server."
)
class ApostropheBreaksTheServer(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        if text.count("'") % 2:
            raise RuntimeError("unterminated quoted string")
        return super().where_search(text)


@fault("ROB-05", "A term is a regular expression: an open bracket breaks the server.")
class OpenBracketBreaksTheServer(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        if re.search(r"[(\[]", text):
            re.compile(text[:50])
        return super().where_search(text)


@fault("ROB-05", "A term that holds NUL breaks the server.")
class NulBreaksTheServer(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        if "\0" in text:
            raise ValueError("A string literal cannot contain NUL (0x00) characters.")
        return super().where_search(text)


@fault("ROB-05", "A term of more than 1,000 characters breaks the server.")
class LongTermBreaksTheServer(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        if len(text) > 1000:
            raise RuntimeError("value too long for type character varying(1000)")
        return super().where_search(text)


@fault("ROB-05", "A term that Latin-1 cannot hold breaks the server.")
class OtherScriptBreaksTheServer(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        text.encode("latin-1")
        return super().where_search(text)


@fault("ROB-05", "A term with a character of four bytes, such as an emoji, breaks the server.")
class FourBytesBreakTheServer(ClinicianApi):
    def where_search(self, text: str) -> Condition:
        if any(ord(letter) > 0xFFFF for letter in text):
            raise RuntimeError("Incorrect string value for column 'term'")
        return super().where_search(text)


# ROB-06: paths


@fault("ROB-06", "A control character in the path breaks the server.")
class ControlCharacterInPathBreaksTheServer(ClinicianApi):
    def parse_id(self, text: str) -> str:
        if any(ord(letter) < 32 for letter in text):
            raise ValueError("embedded null byte")
        return super().parse_id(text)


@fault("ROB-06", "A path segment of more than 255 characters breaks the server.")
class LongSegmentBreaksTheServer(ClinicianApi):
    def parse_id(self, text: str) -> str:
        if len(text) > 255:
            raise OSError(36, "File name too long")
        return super().parse_id(text)


@fault(
    "ROB-06", "An id is matched up to the end of its line: with a line end behind it, it is found."
)
class LineEndBehindAnIdIsFound(ClinicianApi):
    def parse_id(self, text: str) -> str:
        return super().parse_id(text.removesuffix("\n"))


@fault("ROB-06", "What stands behind an encoded slash is dropped: the profile before it is found.")
class EncodedSlashEndsAnId(ClinicianApi):
    def route(self, context: Context, path: str) -> None:
        head, name, tail = path.partition("/clinician-profiles/")
        super().route(context, head + name + tail.partition("/")[0] if tail else path)
