"""Servers that count requests of other keys against a key (ENV-17)."""

from __future__ import annotations

from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Context
from conformance.reference.store import Identity, hash_key


@fault("ENV-17", "The limit is one for each address, so all keys share a count.")
class LimitIsOfTheAddress(ClinicianApi):
    def count(self, context: Context, identity: Identity) -> None:
        super().count(context, identity._replace(key_hash="address"))


@fault("ENV-17", "Requests without a valid key count against all keys of their address.")
class StrangersUseUpTheLimit(ClinicianApi):
    def authenticate(self, authorization: str | None) -> Identity | None:
        identity = super().authenticate(authorization)
        if identity is None:
            self.limiter.take("address")
        return identity

    def count(self, context: Context, identity: Identity) -> None:
        super().count(context, identity._replace(key_hash="address"))


@fault("ENV-17", "Requests without a valid key lower the count of the first key that was issued.")
class StrangersCountAsTheFirstKey(ClinicianApi):
    def authenticate(self, authorization: str | None) -> Identity | None:
        identity = super().authenticate(authorization)
        if identity is None:
            self.limiter.take(hash_key(self.store.data.own_key.key))
        return identity
