"""Who asks, and whether they may: keys, scopes and the rate limit."""

from __future__ import annotations

from conformance.reference.envelope import Context, Operation
from conformance.reference.ratelimit import Allowance, RateLimiter
from conformance.reference.refusals import Refusals
from conformance.reference.store import Identity, Store


class Access(Refusals):
    """Turns an ``Authorization`` header into an identity, and holds it to its scopes and its hour."""

    store: Store
    limiter: RateLimiter

    scopes: dict[Operation, str] = {  # noqa: RUF012 - read-only; a copy is put in its place
        "list": "clinician_profiles:read",
        "retrieve": "clinician_profiles:read",
        "locations": "locations:read",
    }

    def authenticate(self, authorization: str | None) -> Identity | None:
        """The owner of the key in the header, or None for anything but a valid key."""
        key = self.read_key(authorization)
        return None if key is None else self.identify(key)

    def read_key(self, authorization: str | None) -> str | None:
        """The key behind ``Bearer``, as it stands there. Only the scheme may be in any case."""
        scheme, _, key = (authorization or "").partition(" ")
        key = key.lstrip(" ")
        return key if key and scheme.lower() == "bearer" else None

    def identify(self, key: str) -> Identity | None:
        """The owner of a key that was issued and not revoked."""
        identity = self.store.identity(key)
        return None if identity is None or identity.revoked else identity

    def organisation(self, context: Context, identity: Identity) -> str:  # noqa: ARG002
        """The id of the organisation whose data are seen: the key alone decides."""
        return identity.organisation_id

    def authorize(self, context: Context, identity: Identity) -> None:
        """Raises Refusal (403) where the key lacks the scope of the operation."""
        scope = self.scopes.get(context.operation)
        if scope is not None and scope not in identity.scopes:
            raise self.forbidden(scope)

    def count(self, context: Context, identity: Identity) -> None:
        """Count the request against the key. Raises Refusal (429) past the limit."""
        allowance = self.limiter.take(identity.key_hash)
        if allowance is None:
            return
        context.headers.update(self.rate_headers(allowance))
        if not allowance.granted:
            raise self.rate_limited(allowance.retry_after)

    def rate_headers(self, allowance: Allowance) -> dict[str, str]:
        """The headers that tell a client how many requests it has left, and until when."""
        return {
            "X-RateLimit-Limit": str(allowance.limit),
            "X-RateLimit-Remaining": str(allowance.remaining),
            "X-RateLimit-Reset": str(allowance.reset),
        }
