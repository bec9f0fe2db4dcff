"""One request on the wire: sent as it says, its answer read within bounds of size and time."""

from __future__ import annotations

import ssl
import time
import zlib
from collections.abc import Iterator

import httpx

from conformance.http.connections import connections, ended_by_server
from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.target.credentials import CREDENTIALS
from conformance.target.secrets import Veil
from conformance.target.target import Target
from conformance.text import stamps

MAX_BODY = 10 * 1024 * 1024
"""A body that is longer, as it comes or once it is unpacked, is cut."""

KEPT_OF_CUT = 64 * 1024
CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 10.0

_GZIP = b"\x1f"
_PIECE = 256 * 1024
_CODINGS = 2
_MEMBERS = 1000


class Transport:
    """Connections to a target, which are not opened before they are needed."""

    def __init__(self, target: Target, concurrency: int) -> None:
        self._target = target
        self._veil = Veil(target)
        patience = httpx.Timeout(READ_TIMEOUT, connect=CONNECT_TIMEOUT)
        self._connections = connections(target, concurrency, patience)
        self._began = time.perf_counter()

    def close(self) -> None:
        """End the connections."""
        self._connections.close()

    def send(self, request: Request) -> Exchange:
        """Send a request once; the exchange has no number yet.

        :raises httpx.HTTPError: where no whole answer came.
        :raises ValueError: or OSError, where there is no way to the target at all.
        """
        target = self._target
        url = target.base_url + request.target
        headers = list(request.headers)
        authorization = CREDENTIALS[request.credential].header(target)
        if authorization is not None:
            headers.append(("Authorization", authorization))
        with self._connections.line() as line:
            moment = now()
            start = time.perf_counter()
            with line.http.stream(request.method, url, headers=headers) as response:
                body, cut = _read(response, start + 2 * READ_TIMEOUT)
            elapsed = time.perf_counter() - start
            line.ended = not cut
        pairs = tuple(
            (name.decode("latin-1").lower(), self._veil.text(value.decode("latin-1")))
            for name, value in response.headers.raw
        )
        return Exchange(
            number=0,
            request=request,
            url=url,
            status=response.status_code,
            headers=pairs,
            body=self._veil.bytes(body),
            elapsed=elapsed,
            at=start - self._began,
            started_at=moment,
            cut=cut,
            protocol=response.http_version,
            way=target.network.curl,
        )


def now() -> str:
    """The time as a HAR has it."""
    return stamps.rfc3339(stamps.now())


def _read(response: httpx.Response, deadline: float) -> tuple[bytes, bool]:
    """The body without its content coding, and whether it was cut.

    Of a body that is too long only the beginning is kept: nothing is to be judged by it.
    """
    body = bytearray()
    came = 0
    coding = _Coding.of(response.headers)
    for piece in response.iter_raw():
        came += len(piece)
        for part in coding.feed(piece):
            body += part
            if len(body) > MAX_BODY:
                break
        # What unpacks to nothing for ever is too long as well.
        if max(len(body), came) > MAX_BODY or coding.members > _MEMBERS:
            return bytes(body[:KEPT_OF_CUT]), True
        if time.perf_counter() > deadline:
            # One that drips a byte a second would never time out by itself.
            raise httpx.ReadTimeout("the body does not end")
    coding.end()
    return bytes(body), False


class _Coding:
    """What a body was packed with; as it stands, with nothing that is known here.

    ``members`` counts what was packed by itself within it.
    """

    members = 0

    @staticmethod
    def of(headers: httpx.Headers) -> _Coding:
        names = [name.strip().lower() for name in headers.get("content-encoding", "").split(",")]
        names = [name for name in names if name not in ("", "identity")]
        if not names or len(names) > _CODINGS or not _KNOWN.issuperset(names):
            return _Coding()
        outer = _Packed(names.pop())
        return _Twice(outer, _Packed(names.pop())) if names else outer

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """What a piece of the body unpacks to, in parts of a bounded size."""
        yield piece

    def end(self) -> None:
        """The body is at its end.

        :raises httpx.DecodingError: where what was packed is not.
        """


class _Packed(_Coding):
    def __init__(self, name: str) -> None:
        self._gzip = name != "deflate"
        self._inner: zlib._Decompress | None = None

    def feed(self, piece: bytes) -> Iterator[bytes]:
        full = False
        while piece or full:
            inner = self._begun(piece)
            if inner is None or self.members > _MEMBERS:
                return
            try:
                part = inner.decompress(piece, _PIECE)
            except zlib.error as problem:
                raise httpx.DecodingError(f"the body cannot be unpacked: {problem}") from None
            if part:
                yield part
            full = len(part) == _PIECE and not inner.eof
            piece = inner.unused_data if inner.eof else inner.unconsumed_tail

    def _begun(self, piece: bytes) -> zlib._Decompress | None:
        """What unpacks the piece, None where it stands behind the end.

        Several packed with gzip, one behind the other, are one body (RFC 1952); deflate is sent with the
        head of zlib, as it should be, or without.
        """
        if self._inner is None or (self._inner.eof and self._gzip and piece[:1] == _GZIP):
            headed = piece[0] & 0x0F == 8
            bits = 16 + zlib.MAX_WBITS if self._gzip else zlib.MAX_WBITS * (1 if headed else -1)
            self._inner = zlib.decompressobj(bits)
            self.members += 1
        return None if self._inner.eof else self._inner

    def end(self) -> None:
        if self._inner is not None and not self._inner.eof:
            raise httpx.DecodingError("the packed body was cut short")


class _Twice(_Coding):
    def __init__(self, outer: _Packed, inner: _Packed) -> None:
        self._outer, self._inner = outer, inner

    def feed(self, piece: bytes) -> Iterator[bytes]:
        for part in self._outer.feed(piece):
            yield from self._inner.feed(part)

        self.members = self._outer.members + self._inner.members

    def end(self) -> None:
        self._outer.end()
        self._inner.end()


_KNOWN = frozenset({"gzip", "x-gzip", "deflate"})


def explained(problem: httpx.HTTPError) -> str:
    """What happened on the wire, in words for somebody who does not know the library."""
    cause: BaseException | None = problem
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"TLS failed: {cause.verify_message}; an authority of your own: --ca-bundle FILE"
        if isinstance(cause, ssl.SSLError):
            return f"TLS failed: {cause.reason or cause}"
        cause = cause.__cause__ or cause.__context__
    if isinstance(problem, httpx.ConnectTimeout):
        return f"no connection within {CONNECT_TIMEOUT:g} s"
    if isinstance(problem, httpx.TimeoutException):
        return f"no answer within {READ_TIMEOUT:g} s"
    if isinstance(problem, httpx.ProxyError):
        return f"the proxy refused: {problem}"
    if isinstance(problem, httpx.ConnectError):
        return f"no connection: {problem}"
    if isinstance(problem, httpx.RemoteProtocolError):
        return ended_by_server(problem) or f"the connection was cut: {problem}"
    return str(problem) or type(problem).__name__
