"""Servers that take keys from other places, or fail for malformed credentials (AUTH-14 to AUTH-16)."""

from __future__ import annotations

import hmac

from starlette.requests import Request
from starlette.responses import Response

from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Context
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.store import Identity, Store

# AUTH-14: malformed credentials


@fault("AUTH-14", "A key that a second word follows returns 500.")
class SecondWordBreaksTheServer(ClinicianApi):
    def read_key(self, authorization: str | None) -> str | None:
        if authorization and " " in authorization:
            _, _ = authorization.split(" ")
        return super().read_key(authorization)


@fault("AUTH-14", "A key with a character beyond ASCII returns 500.")
class BytesInKeysBreakTheServer(ClinicianApi):
    def identify(self, key: str) -> Identity | None:
        hmac.compare_digest(key, self.store.data.own_key.key)
        return super().identify(key)


@fault("AUTH-14", "A retrieve with a key of more than 4,096 characters returns 500.")
class LongKeyBreaksRetrieve(ClinicianApi):
    def answer(self, context: Context) -> Response:
        key = context.request.headers.get("authorization", "")
        if context.operation == "retrieve" and len(key) > 4096:
            raise OverflowError("value too long for type character varying(4096)")
        return super().answer(context)


# AUTH-15: a key elsewhere, or none


class _KeyElsewhere(ClinicianApi):
    """An API that also takes a key from another place, if there is no ``Authorization`` header."""

    def elsewhere(self, request: Request) -> str | None:
        """Return the key."""
        raise NotImplementedError

    def authorization(self, request: Request) -> str | None:
        found = super().authorization(request)
        key = self.elsewhere(request) if found is None else None
        return f"Bearer {key}" if key else found


@fault("AUTH-15", "The query parameter `access_token` is accepted as a key.")
class KeyInTheQueryIsAccepted(_KeyElsewhere):
    def elsewhere(self, request: Request) -> str | None:
        return request.query_params.get("access_token")


@fault("AUTH-15", "The header `X-Api-Key` is accepted in place of `Authorization`.")
class ApiKeyHeaderIsAccepted(_KeyElsewhere):
    def elsewhere(self, request: Request) -> str | None:
        return request.headers.get("x-api-key")


@fault("AUTH-15", "A retrieve accepts a key in the cookie `token`.")
class KeyInCookieIsAcceptedByRetrieve(_KeyElsewhere):
    def elsewhere(self, request: Request) -> str | None:
        is_list = request.scope["path"].endswith("/clinician-profiles")
        return None if is_list else request.cookies.get("token")


@fault("AUTH-15", "A request that seems to come from 127.0.0.1 needs no key.")
class LocalAddressNeedsNoKey(_KeyElsewhere):
    def elsewhere(self, request: Request) -> str | None:
        local = request.headers.get("x-forwarded-for") == "127.0.0.1"
        return self.store.data.own_key.key if local else None


@fault("AUTH-15", "`If-None-Match: *` returns 304 before the key is checked.")
class ConditionNeedsNoKey(ClinicianApi):
    def answer(self, context: Context) -> Response:
        if context.operation != "nothing" and context.request.headers.get("if-none-match") == "*":
            return Response(status_code=304)
        return super().answer(context)


@fault("AUTH-15", "A doubled slash in front of the list path needs no key.")
class DoubledSlashNeedsNoKey(_KeyElsewhere):
    def route(self, context: Context, path: str) -> None:
        super().route(context, path.replace("//", "/"))

    def elsewhere(self, request: Request) -> str | None:
        return self.store.data.own_key.key if "//" in request.scope["path"] else None


@fault("AUTH-15", "The key is checked for the raw path, so that an encoded letter needs none.")
class EncodedLetterNeedsNoKey(_KeyElsewhere):
    def elsewhere(self, request: Request) -> str | None:
        is_checked = b"/clinician-profiles" in request.scope["raw_path"]
        return None if is_checked else self.store.data.own_key.key


@fault("AUTH-15", "The list path in capital letters is routed as usual, and needs no key.")
class CapitalsNeedNoKey(EncodedLetterNeedsNoKey):
    def route(self, context: Context, path: str) -> None:
        super().route(context, path.lower())


# AUTH-16: the valid key in a malformed header


@fault("AUTH-16", "A second word after the key is ignored.")
class SecondWordIsIgnored(ClinicianApi):
    def read_key(self, authorization: str | None) -> str | None:
        key = super().read_key(authorization)
        return key.split(" ")[0] if key else key


@fault("AUTH-16", "Of two Authorization headers, one valid key is enough.")
class OneOfTwoKeysIsEnough(ClinicianApi):
    def authorization(self, request: Request) -> str | None:
        found = request.headers.getlist("authorization")
        valid = [text for text in found if self.authenticate(text) is not None]
        return valid[0] if valid else super().authorization(request)


@fault("AUTH-16", "Characters beyond ASCII in a key are ignored.")
class BytesInKeysAreIgnored(ClinicianApi):
    def identify(self, key: str) -> Identity | None:
        return super().identify(key.encode("ascii", "ignore").decode())


# AUTH-05: a key in another letter case


@fault(
    "AUTH-05",
    "A connection remembers header fields without regard to letter case: a key is read as the one before.",
)
class ConnectionRemembersTheKey(ClinicianApi):
    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._fields: dict[tuple[object, str], str] = {}

    def authorization(self, request: Request) -> str | None:
        sent = super().authorization(request)
        if sent is None:
            return None
        field = request.client, sent.lower()
        if self.authenticate(sent) is not None:
            self._fields[field] = sent
        return self._fields.get(field, sent)
