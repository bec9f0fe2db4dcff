"""Network settings of a target: headers for a gateway, certificates, HTTP/2."""

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
    "a third party may have read the keys and forged the responses."
)


@dataclass(frozen=True, slots=True)
class Network:
    """Network settings.

    ``headers`` are sent with every request of every identity; their values may be secrets and are kept out
    of ``repr``. ``ca_bundle`` is a PEM file that is trusted in place of the usual authorities.
    ``client_cert`` names a PEM file with certificate and key, or one file for each. ``insecure`` skips
    certificate verification. ``http2`` offers HTTP/2, which a target may not support.
    """

    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    ca_bundle: str | None = None
    client_cert: tuple[str, ...] = ()
    insecure: bool = False
    http2: bool = False

    @property
    def header_names(self) -> list[str]:
        """Names of the headers, which are no secrets."""
        return [name for name, _ in self.headers]

    @property
    def shown_headers(self) -> list[tuple[str, str]]:
        """The headers as a shell writes them, with variables in place of values."""
        return [(name, f"${variable(name)}") for name, _ in self.headers]

    @property
    def curl(self) -> tuple[str, ...]:
        """The curl options for the same network settings."""
        options = ["-k"] if self.insecure else []
        if self.ca_bundle and not self.insecure:
            options.append(f"--cacert {quote(self.ca_bundle)}")
        for option, path in zip(("--cert", "--key"), self.client_cert, strict=False):
            options.append(f"{option} {quote(path)}")
        options += [f'-H "{name}: {value}"' for name, value in self.shown_headers]
        return tuple(options)

    @property
    def warnings(self) -> list[str]:
        """What weakens the result of a run with these settings."""
        return [_INSECURE] if self.insecure else []

    def secrets(self) -> Iterator[tuple[str, str]]:
        """Yield the secrets in the headers, each with the variable that replaces it.

        Short values and plain words are no secrets, and may be part of a person's name.
        """
        for name, value in self.headers:
            for part in {value, *value.split()}:
                cased = part.islower() or part.isupper() or part.istitle()
                plain = part.isalpha() and cased and len(part) <= _LONGEST_WORD
                if len(part) >= _SHORTEST_SECRET and not plain:
                    yield part, variable(name)

    def context(self) -> ssl.SSLContext | None:
        """Return the TLS settings, None for the defaults.

        :raises OSError: if a file cannot be read; ``ssl.SSLError`` if its content cannot be used.
        """
        if not (self.ca_bundle or self.client_cert or self.insecure):
            return None
        # Imported here because it loads slowly and most runs do not need it.
        import ssl

        import httpx

        own = self.ca_bundle
        context = ssl.create_default_context(cafile=own) if own else httpx.create_ssl_context()
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self.client_cert:
            # With no password, OpenSSL would prompt for the passphrase of an encrypted key.
            certificate, *key = self.client_cert
            context.load_cert_chain(certificate, key[0] if key else None, password="")
        return context


DIRECT = Network()
"""The default settings."""


def variable(name: str) -> str:
    """Return the shell variable that replaces the value of a header."""
    return f"CONFORMANCE_HEADER_{name.upper().replace('-', '_')}"
