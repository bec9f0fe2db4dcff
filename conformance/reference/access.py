"""Authentication and authorisation: keys, scopes and the rate limit."""

from __future__ import annotations

from conformance.reference.envelope import Context, Operation
from conformance.reference.ratelimit import Allowance, RateLimiter
from conformance.reference.refusals import Refusals
from conformance.reference.store import Identity, Store


class Access(Refusals):
    """Turns an ``Authorization`` header into an identity; checks its scopes and its rate limit."""

    store: Store
    limiter: RateLimiter

    scopes: dict[Operation, str] = {  # noqa: RUF012 - read-only; subclasses replace it with a copy
        "list": "clinician_profiles:read",
        "retrieve": "clinician_profiles:read",
        "locations": "locations:read",
    }

    def authenticate(self, authorization: str | None) -> Identity | None:
        """Return the owner of the key in the header, or None without a valid key."""
        key = self.read_key(authorization)
        return None if key is None else self.identify(key)

    def read_key(self, authorization: str | None) -> str | None:
        """Return the key after ``Bearer`` unchanged. The letter case of the scheme does not matter."""
        scheme, _, key = (authorization or "").partition(" ")
        key = key.lstrip(" ")
        return key if key and scheme.lower() == "bearer" else None

    def identify(self, key: str) -> Identity | None:
        """Return the owner of a key that was issued and not revoked, else None."""
        identity = self.store.identity(key)
        return None if identity is None or identity.revoked else identity

    def organisation(self, context: Context, identity: Identity) -> str:  # noqa: ARG002
        """Return the id of the organisation to read. Only the key selects it."""
        return identity.organisation_id

    def authorize(self, context: Context, identity: Identity) -> None:
        """Check the scope of the operation.

        :raises Refusal: (403) if the key lacks it.
        """
        scope = self.scopes.get(context.operation)
        if scope is not None and scope not in identity.scopes:
            raise self.forbidden(scope)

    def count(self, context: Context, identity: Identity) -> None:
        """Count the request against the limit of the key.

        :raises Refusal: (429) past the limit.
        """
        allowance = self.limiter.take(identity.key_hash)
        if allowance is None:
            return
        context.headers.update(self.rate_headers(allowance))
        if not allowance.granted:
            raise self.rate_limited(allowance.retry_after)

    def rate_headers(self, allowance: Allowance) -> dict[str, str]:
        """Return the headers with the limit, the requests left and the time of the reset."""
        return {
            "X-RateLimit-Limit": str(allowance.limit),
            "X-RateLimit-Remaining": str(allowance.remaining),
            "X-RateLimit-Reset": str(allowance.reset),
        }
