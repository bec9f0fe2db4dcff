"""Writes the lines of one reproduction: commands, and the variables that they need."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Sequence
from urllib.parse import quote, unquote

from conformance.errors import NotHeld
from conformance.http.exchange import Exchange
from conformance.privacy.masking import Mask
from conformance.privacy.personal_data import lowered
from conformance.privacy.text_notes import Notes
from conformance.reproduction.probes import Probe
from conformance.reproduction.terms import Derivation, Sources

_VALUE = re.compile(r"(?<=[?&])([\w.~%\[\]-]+)=([^&]+)|(?<=/clinician-profiles/)([^/?]+)")
_PLAIN = re.compile(r"[\w:/?&=%.~+\[\]-]+", re.ASCII)
_SENT_BACK = {"if-none-match": "etag", "if-modified-since": "last-modified", "cookie": "set-cookie"}


class Hidden:
    """Which texts a report masks, so that a line must not hold them."""

    def __init__(self, mask: Mask | None) -> None:
        self._mask = mask

    def __call__(self, text: str) -> bool:
        """Return whether a text as a whole, or a word of it, is masked."""
        return self.parameter("search", quote(text, safe=""))

    def parameter(self, name: str, encoded: str) -> bool:
        """Return whether the value of a query parameter is masked."""
        return self.line(f"?{name}={encoded}")

    def segment(self, encoded: str) -> bool:
        """Return whether an id in a path is masked."""
        return self.line(f"/clinician-profiles/{encoded}")

    def masked(self, lines: Sequence[str]) -> tuple[str, ...]:
        """Return the lines of a script with personal data in its commands masked."""
        mask = self._mask
        if mask is None:
            return tuple(lines)
        return tuple(line if line.startswith("#") else mask.line(line) for line in lines)

    def prose(self, text: str) -> str:
        """Return a text that the suite wrote, with personal data masked."""
        return text if self._mask is None else self._mask.text(text)

    def header(self, name: str, value: str) -> str:
        """Return the value of a header of a response, with personal data masked."""
        return value if self._mask is None else self._mask.header(name, value)

    def line(self, text: str) -> bool:
        """Return whether something in a part of a command is masked."""
        return self._mask is not None and self._mask.line(text) != text


class Script:
    """The lines of one reproduction.

    ``unsolved`` is True if a term could not be fetched from the target, so that a line has a mask.
    """

    def __init__(
        self,
        transcript: Sequence[Exchange],
        sources: Sources,
        hidden: Hidden,
        notes: Notes,
        preferred: Sequence[str],
    ) -> None:
        self.lines: list[str] = []
        self.unsolved = False
        self._transcript = transcript
        self._sources = sources
        self._hidden = hidden
        self._notes = notes
        self._preferred = preferred
        self._variables: dict[tuple[str, bool], str] = {}

    def say(self, text: str) -> None:
        """Add a comment with personal data masked."""
        self.note(self._hidden.prose(text))

    def note(self, text: str) -> None:
        """Add a comment of words of the suite, and of texts that are masked already."""
        self.lines.append(f"# {text}")

    def run(self, exchange: Exchange, probe: Probe) -> None:
        """Add a request and the pipe that shows a line of its response."""
        self.lines.append(self.command(exchange, probe.options, probe.pipe))

    def run_after(self, first: Exchange, exchange: Exchange, probe: Probe) -> None:
        """Add a request on the connection of another one before it, whose response is not shown."""
        before = self.command(first, "-o /dev/null")
        after = self.command(exchange, probe.options, probe.pipe)
        self.lines.append(f"{before} --next {after.removeprefix('curl ')}")

    def join(self, pages: Sequence[Exchange], probe: Probe) -> None:
        """Add the requests for several pages and the pipe that shows a line of all of them."""
        commands = "; ".join(self.command(page) for page in pages)
        self.lines.append(f"{{ {commands}; }} {probe.pipe}")

    def repeat(self, exchange: Exchange, probe: Probe, value: str, times: int) -> None:
        """Add a request that is sent several times, and whether one of its responses has a value."""
        command = self.command(exchange, probe.options, probe.pipe)
        search = f"| grep -qxF -e {shlex.quote(value)}"
        self.unsolved |= self._hidden.line(search)
        self.lines.append(
            f"for N in $(seq {times}); do {command}; done {search} && echo yes || echo no"
        )

    def compare(self, name: str, exchange: Exchange, pipe: str, times: int) -> None:
        """Add a request that is sent several times, and whether all responses have a variable's value."""
        command = self.command(exchange, "", pipe)
        self.lines.append(
            f'for N in $(seq {times}); do [ "${name}" = "$({command})" ] || echo different; done'
            " | sort -u | grep . || echo same"
        )

    def prepare(self, exchange: Exchange) -> None:
        """Add a request whose response is not shown."""
        self.lines.append(self.command(exchange, "-o /dev/null"))

    def keep(self, name: str, exchange: Exchange, pipe: str) -> None:
        """Add a variable with what a pipe prints of a response."""
        self.lines.append(f"{name}=$({self.command(exchange, '', pipe)})")

    def command(self, exchange: Exchange, options: str = "", pipe: str = "") -> str:
        """Return the command of a request, after the lines that set its variables."""
        if exchange.header("content-encoding") and "-D -" not in options:
            options = f"{options} --compressed".strip()
        self.unsolved |= self._hidden.line(pipe)
        text = exchange.command(options, self._quote(exchange))
        return f"{text} {pipe}" if pipe else text

    def _quote(self, exchange: Exchange) -> Callable[[str], str]:
        def quoted(text: str) -> str:
            if text == exchange.url:
                return self._url(text)
            name, _, value = text.partition(": ")
            received = _SENT_BACK.get(name.lower())
            source = self._sender_of(received, value, exchange) if received and value else None
            if source is None or received is None:
                self.unsolved |= self._hidden.line(f"-H {shlex.quote(text)}")
                return shlex.quote(text)
            return f'"{name}: ${self._header(source, received, value)}"'

        return quoted

    def _url(self, url: str) -> str:
        parts, end = [], 0
        for match in _VALUE.finditer(url):
            name, value, segment = match.groups()
            is_hidden = (
                self._hidden.segment(segment)
                if value is None
                else self._hidden.parameter(name, value)
            )
            if not is_hidden:
                continue
            # The id of a location is in no profile.
            variable = None if name == "location_id" else self._term(unquote(value or segment))
            if variable is None:
                self.unsolved = True
                continue
            start = match.start(3) if value is None else match.start(2)
            parts += [url[end:start], f"${variable}"]
            end = match.end()
        parts.append(url[end:])
        if len(parts) == 1:
            return shlex.quote(url)
        if all(_PLAIN.fullmatch(part) for part in parts[::2] if part):
            return f'"{"".join(parts)}"'
        # Other characters would have a meaning in double quotes.
        return "".join(
            f'"{part}"' if index % 2 else _single(part) for index, part in enumerate(parts)
        )

    def _term(self, text: str) -> str | None:
        """Return the variable of a term that is fetched from the target, None if no profile has it."""
        if (text, True) in self._variables:
            return self._variables[text, True]
        found = self._derived(text)
        source = self._sources.fetch(found.record) if found else None
        if found is None or source is None:
            return None
        exchange, row = source
        variable = self._new_variable((text, True), "WORD")
        value = row.get(found.member)
        expression = found.expression(len(value) if isinstance(value, str) else 0)
        place = (
            ".data"
            if exchange.is_record
            else f".data[] | select(.id == {json.dumps(found.record)})"
        )
        program = shlex.quote(f"{place} | {expression} | @uri")
        self.lines.append(f"{variable}=$({self.command(exchange, '', f'| jq -r {program}')})")
        return variable

    def _derived(self, text: str) -> Derivation | None:
        """Return how a term follows from a profile.

        A transcript holds pseudonyms, in which parts of words cannot be found again, so the run notes it.
        """

        def compute() -> dict[str, object] | None:
            found = self._sources.derivation(text, self._hidden, self._preferred)
            return None if found is None else found.as_json()

        about = [
            "how a term follows from a profile",
            lowered(text),
            [*self._preferred],
            [char.isupper() for char in text],
        ]
        try:
            value = self._notes.recall(about, compute)
        except NotHeld:
            value = compute()
        return None if value is None else Derivation.of(value)

    def _sender_of(self, name: str, value: str, exchange: Exchange) -> Exchange | None:
        """Return the exchange whose response had a header that a request sends back."""
        for other in self._transcript[: exchange.number - 1]:
            values = (item for key, item in other.headers if key == name)
            has_it = any(item.partition(";")[0] == value or item == value for item in values)
            if has_it and not other.request.headers:
                return other
        return None

    def _header(self, source: Exchange, name: str, value: str) -> str:
        if (value, False) in self._variables:
            return self._variables[value, False]
        variable = self._new_variable((value, False), name.upper().replace("-", "_"))
        cut = " | cut -d';' -f1 | head -n 1" if name == "set-cookie" else ""
        program = shlex.quote(f'tolower($1) == "{name}" {{print $2}}')
        command = self.command(
            source, "-o /dev/null -D -" if source.request.method != "HEAD" else ""
        )
        self.lines.append(f"{variable}=$({command} | tr -d '\\r' | awk -F': ' {program}{cut})")
        return variable

    def _new_variable(self, key: tuple[str, bool], stem: str) -> str:
        taken = set(self._variables.values())
        names = (stem if number == 1 else f"{stem}{number}" for number in range(1, 99))
        name = next(name for name in names if name not in taken)
        self._variables[key] = name
        return name


def _single(text: str) -> str:
    """Return a text in single quotes, which may stand beside a variable; nothing for no text."""
    if not text:
        return ""
    return shlex.quote(text) if "'" in text else f"'{text}'"
