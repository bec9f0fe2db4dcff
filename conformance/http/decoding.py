"""Read response bodies and remove their content coding, within bounds of size."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import httpx

from conformance.http import bounds

_CODINGS = frozenset({"gzip", "x-gzip", "deflate"})
_MAX_CODINGS = 2
_MAX_MEMBERS = 1000
_PART = 256 * 1024
_GZIP_START = b"\x1f"


def read_body(response: httpx.Response) -> tuple[bytes, bool]:
    """Return the body without its content coding, and whether it was cut.

    Of a body that is too long only the beginning is returned: no case may judge by it.

    :raises httpx.DecodingError: if the body cannot be unpacked.
    """
    body = bytearray()
    received = 0
    decoder = _decoder(response.headers)
    for piece in response.iter_raw():
        received += len(piece)
        for part in decoder.feed(piece):
            body += part
            if len(body) > bounds.MAX_BODY:
                break
        # A body that unpacks to nothing without an end is too long as well.
        if max(len(body), received) > bounds.MAX_BODY or decoder.members > _MAX_MEMBERS:
            return bytes(body[: bounds.KEPT_OF_CUT]), True
    decoder.finish()
    return bytes(body), False


def _decoder(headers: httpx.Headers) -> _Identity:
    """Return the decoder of a body; for an unknown coding the one that changes nothing."""
    names = [name.strip().lower() for name in headers.get("content-encoding", "").split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if not names or len(names) > _MAX_CODINGS or not _CODINGS.issuperset(names):
        return _Identity()
    outer = _Inflate(names.pop())
    return _Both(outer, _Inflate(names.pop())) if names else outer


class _Identity:
    """Returns a body unchanged.

    ``members`` counts the parts of the body that are packed on their own, one after the other.
    """

    members = 0

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Yield what a piece of the body unpacks to, in parts of a bounded size."""
        yield piece

    def finish(self) -> None:
        """Check that the body is complete.

        :raises httpx.DecodingError: if it is not.
        """


class _Inflate(_Identity):
    def __init__(self, name: str) -> None:
        self._gzip = name != "deflate"
        self._inflater: zlib._Decompress | None = None

    def feed(self, piece: bytes) -> Iterator[bytes]:
        full = False
        while piece or full:
            inflater = self._inflater_for(piece)
            if inflater is None or self.members > _MAX_MEMBERS:
                return
            try:
                part = inflater.decompress(piece, _PART)
            except zlib.error as problem:
                raise httpx.DecodingError(f"the body cannot be unpacked: {problem}") from None
            if part:
                yield part
            full = len(part) == _PART and not inflater.eof
            piece = inflater.unused_data if inflater.eof else inflater.unconsumed_tail

    def _inflater_for(self, piece: bytes) -> zlib._Decompress | None:
        """Return what unpacks the piece, None if the piece follows the end of the packed data.

        A body may consist of several gzip members (RFC 1952). Deflate has the header of zlib, as the RFC
        wants it, or none.
        """
        if self._inflater is None or (
            self._inflater.eof and self._gzip and piece[:1] == _GZIP_START
        ):
            has_header = piece[0] & 0x0F == 8
            bits = 16 + zlib.MAX_WBITS if self._gzip else zlib.MAX_WBITS * (1 if has_header else -1)
            self._inflater = zlib.decompressobj(bits)
            self.members += 1
        return None if self._inflater.eof else self._inflater

    def finish(self) -> None:
        if self._inflater is not None and not self._inflater.eof:
            raise httpx.DecodingError("the packed body was cut short")


class _Both(_Identity):
    """Removes two codings, the outer one first."""

    def __init__(self, outer: _Inflate, inner: _Inflate) -> None:
        self._outer, self._inner = outer, inner

    def feed(self, piece: bytes) -> Iterator[bytes]:
        for part in self._outer.feed(piece):
            yield from self._inner.feed(part)
        self.members = self._outer.members + self._inner.members

    def finish(self) -> None:
        self._outer.finish()
        self._inner.finish()
