"""Where a response of HTTP/1.1 ends (RFC 9112, section 6), judged by the bytes that arrived.

The library that parses responses reads as many bytes as it expects. A byte more would make the next response
of the connection unreadable, which is a fault of this response.
"""

from __future__ import annotations

import threading

RESPONSE = b"HTTP/1."
"""Begins each response."""

_HEAD_ENDS = b"\r\n\r\n"
_MAX_HEAD = 1024 * 1024
_NO_BODY = frozenset({204, 304})

_thread = threading.local()


def current() -> Message | None:
    """Return the message whose request this thread sent last."""
    found: Message | None = getattr(_thread, "message", None)
    return found


def forget() -> None:
    """Forget the message of this thread, before a request is sent."""
    _thread.message = None


class Strays:
    """Bytes after complete responses, that showed only when the connection was used again. Thread-safe."""

    def __init__(self) -> None:
        self._found: list[tuple[str, int]] = []
        self._lock = threading.Lock()

    def add(self, message: Message, size: int) -> None:
        """Note bytes that followed the response of a message."""
        with self._lock:
            self._found.append((message.line, size))

    def take(self) -> list[tuple[str, int]]:
        """Return and forget the request lines with the numbers of bytes that followed."""
        with self._lock:
            found, self._found = self._found, []
        return found


class Message:
    """One response, as its bytes arrive.

    ``status`` is None until the headers are complete, ``declared`` is the length that they declare, and
    ``received`` counts the bytes after them.
    """

    def __init__(self, request: bytes) -> None:
        line = request.partition(b"\r\n")[0]
        self.line = b" ".join(line.split(b" ")[:2]).decode("latin-1")
        self._is_head_request = line.startswith(b"HEAD ")
        self._ignored = not line.endswith(b"HTTP/1.1")
        self._head = b""
        self.status: int | None = None
        self.declared: int | None = None
        self.received = 0
        _thread.message = self

    @property
    def has_no_body(self) -> bool:
        """Whether the response must have no body, whatever its headers say."""
        return self.status is not None and (self._is_head_request or self.status in _NO_BODY)

    @property
    def has_begun(self) -> bool:
        """Whether bytes of the response have arrived, or cannot be told from others."""
        return self._ignored or self.status is not None or bool(self._head)

    @property
    def is_complete(self) -> bool:
        """Whether the end of a response with a known end has arrived."""
        known = self.has_no_body or self.declared is not None
        return self.status is not None and known and not self.missing

    @property
    def surplus(self) -> int:
        """The number of bytes that have arrived after the end of the response."""
        if self.has_no_body:
            return self.received
        return 0 if self.declared is None else max(0, self.received - self.declared)

    @property
    def missing(self) -> int:
        """The number of bytes of the declared length that have not arrived."""
        if self.has_no_body or self.declared is None:
            return 0
        return max(0, self.declared - self.received)

    def feed(self, data: bytes) -> None:
        """Take bytes as they arrive."""
        if self._ignored:
            return
        if self.status is not None:
            self.received += len(data)
            return
        self._head += data
        self._ignored = len(self._head) > _MAX_HEAD
        while _HEAD_ENDS in self._head and not self._ignored:
            head, _, self._head = self._head.partition(_HEAD_ENDS)
            if self._read(head):
                self.received, self._head = len(self._head), b""

    def _read(self, head: bytes) -> bool:
        """Read the headers of a response; return False if another response follows."""
        line, *fields = head.split(b"\r\n")
        status = line.split(b" ")[1:2]
        if not line.startswith(RESPONSE) or not status or not status[0].isdigit():
            self._ignored = True
            return False
        if status[0].startswith(b"1"):
            return False
        self.status = int(status[0])
        pairs = [field.partition(b":")[::2] for field in fields]
        names = {name.strip().lower(): value.strip() for name, value in pairs}
        length = names.get(b"content-length", b"")
        if length.isdigit() and b"transfer-encoding" not in names:
            self.declared = int(length)
        return True
