"""How a target is reached: headers for a gateway in front of it, and certificates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from shlex import quote
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

_SHORTEST_SECRET = 8
_LONGEST_WORD = 15
_INSECURE = (
    "TLS certificates were not verified (--insecure): "
    "whoever stands in the way may have read the keys, and may have written the answers."
)


@dataclass(frozen=True, slots=True)
class Network:
    """The way to a target.

    ``headers`` are sent with every request of every identity; their values may be secrets and are kept out
    of ``repr``. ``ca_bundle`` is a PEM file that is trusted in place of the usual authorities.
    ``client_cert`` names a PEM file with certificate and key, or one for each. ``insecure`` believes any
    certificate. ``http2`` asks for HTTP/2, which a target may not offer.
    """

    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    ca_bundle: str | None = None
    client_cert: tuple[str, ...] = ()
    insecure: bool = False
    http2: bool = False

    @property
    def header_names(self) -> list[str]:
        """What may be said of the headers."""
        return [name for name, _ in self.headers]

    @property
    def shown_headers(self) -> list[tuple[str, str]]:
        """The headers as a shell writes them, with variables in the place of values."""
        return [(name, f"${variable(name)}") for name, _ in self.headers]

    @property
    def curl(self) -> tuple[str, ...]:
        """What a curl line needs to go the same way."""
        options = ["-k"] if self.insecure else []
        if self.ca_bundle and not self.insecure:
            options.append(f"--cacert {quote(self.ca_bundle)}")
        for option, path in zip(("--cert", "--key"), self.client_cert, strict=False):
            options.append(f"{option} {quote(path)}")
        options += [f'-H "{name}: {value}"' for name, value in self.shown_headers]
        return tuple(options)

    @property
    def warnings(self) -> list[str]:
        """What weakens whatever a run on this way comes to."""
        if not self.insecure:
            return []
        return [_INSECURE]

    def secrets(self) -> Iterator[tuple[str, str]]:
        """What tells a secret of a header, each with the variable that stands for it.

        Short values and plain words tell none, and may well be a word of somebody's name.
        """
        for name, value in self.headers:
            for part in {value, *value.split()}:
                cased = part.islower() or part.isupper() or part.istitle()
                plain = part.isalpha() and cased and len(part) <= _LONGEST_WORD
                if len(part) >= _SHORTEST_SECRET and not plain:
                    yield part, variable(name)

    def context(self) -> ssl.SSLContext | None:
        """The TLS settings, None for the usual ones.

        :raises OSError: where a file cannot be read; ``ssl.SSLError`` where it holds what it must not.
        """
        if not (self.ca_bundle or self.client_cert or self.insecure):
            return None
        # Imported here: most runs need none of it, and it takes long to load.
        import ssl

        import httpx

        own = self.ca_bundle
        context = ssl.create_default_context(cafile=own) if own else httpx.create_ssl_context()
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self.client_cert:
            # A key with a passphrase would have OpenSSL ask the terminal for it.
            certificate, *key = self.client_cert
            context.load_cert_chain(certificate, key[0] if key else None, password="")
        return context


DIRECT = Network()
"""Nothing special on the way."""


def variable(name: str) -> str:
    """The shell variable that stands for the value of a header."""
    return f"CONFORMANCE_HEADER_{name.upper().replace('-', '_')}"
