"""Servers with wrong authentication: keys, schemes and 401 responses (AUTH-01 to AUTH-10, ENV-04)."""

from __future__ import annotations

import base64
import binascii

from starlette.responses import Response

from conformance.faults.questions import authorization
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.refusals import Refusal
from conformance.reference.store import Identity


class _LooseKeys(ClinicianApi):
    """An API that compares keys by its own rule."""

    def accepts(self, issued: str, given: str) -> bool:
        """Return whether ``given`` is accepted as the issued key."""
        return issued == given

    def identify(self, key: str) -> Identity | None:
        """Return the identity of the first issued key that ``key`` is accepted as."""
        for issued in self.store.data.keys:
            if self.accepts(issued.key, key):
                return super().identify(issued.key)
        return None


def _first_organisation(api: ClinicianApi) -> Identity | None:
    """Return the identity of the first organisation."""
    return api.store.identity(api.store.data.own_key.key)


def _exists(api: ClinicianApi, context: Context) -> bool:
    """Return whether any organisation has a profile with the id in the path."""
    sql = "SELECT 1 FROM clinicians WHERE id = ?"
    return bool(api.store.rows(sql, (context.clinician_id.lower(),)))


# AUTH-01: a valid key


@fault("AUTH-01", "A retrieve returns 401 for a valid key, while the list accepts the key.")
class RetrieveRefusesValidKeys(ClinicianApi):
    def authorize(self, context: Context, identity: Identity) -> None:
        if context.operation == "retrieve":
            raise self.unauthorized()
        super().authorize(context, identity)


# AUTH-02: no key


@fault("AUTH-02", "A request without `Authorization` returns the first organisation's data.")
class NoHeaderIsTheFirstOrganisation(ClinicianApi):
    def authenticate(self, authorization: str | None) -> Identity | None:
        return (
            _first_organisation(self)
            if authorization is None
            else super().authenticate(authorization)
        )


@fault("AUTH-02", "A missing `Authorization` header returns 403, while a wrong key returns 401.")
class NoHeaderIsForbidden(ClinicianApi):
    def authenticate(self, authorization: str | None) -> Identity | None:
        if authorization is None:
            raise Refusal(403, "FORBIDDEN", "Not authenticated.")
        return super().authenticate(authorization)


@fault(
    "AUTH-02", "A retrieve without `Authorization` returns 404 for every id; the list returns 401."
)
class NoHeaderHidesProfiles(ClinicianApi):
    def refuse(self, context: Context, refusal: Refusal) -> Response:
        if (
            refusal.status == 401
            and context.operation == "retrieve"
            and authorization(context) is None
        ):
            refusal = self.profile_not_found()
        return super().refuse(context, refusal)


@fault("ENV-04", "The 401 for a missing `Authorization` header has no error envelope.")
class NoHeaderIsAnsweredByTheGateway(ClinicianApi):
    def error_body(self, context: Context, refusal: Refusal) -> Body:
        if refusal.status == 401 and authorization(context) is None:
            return {"message": "Unauthorized"}
        return super().error_body(context, refusal)


# AUTH-03: a key that was never issued


@fault(
    "AUTH-03", "Any key that starts with `pk_test_` is accepted as the first organisation's key."
)
class AnyTestKeyIsValid(ClinicianApi):
    def identify(self, key: str) -> Identity | None:
        identity = super().identify(key)
        if identity is None and key.startswith("pk_test_"):
            return _first_organisation(self)
        return identity


@fault("AUTH-03", "An unknown key is accepted and returns an empty list instead of 401.")
class UnknownKeySeesNothing(ClinicianApi):
    def identify(self, key: str) -> Identity | None:
        identity = super().identify(key)
        if identity is not None:
            return identity
        return Identity("", "", frozenset(self.scopes.values()), revoked=False)


@fault("AUTH-03", "A retrieve accepts an unknown key and returns the first organisation's profile.")
class RetrieveTakesUnknownKeys(ClinicianApi):
    def answer(self, context: Context) -> Response:
        key = self.read_key(authorization(context))
        if context.operation != "retrieve" or key is None or self.identify(key):
            return super().answer(context)
        identity = _first_organisation(self)
        assert identity is not None
        return self.respond(context, 200, self.read(context, identity))


# AUTH-04 to AUTH-06: a key that is almost valid


@fault("AUTH-04", "Only the length and the first 24 characters of a key are compared.")
class KeyTailIsNotCompared(_LooseKeys):
    def accepts(self, issued: str, given: str) -> bool:
        return len(issued) == len(given) and issued[:24] == given[:24]


@fault("AUTH-04", "Only the length of a key and its part after the last underscore are compared.")
class KeyHeadIsNotCompared(_LooseKeys):
    def accepts(self, issued: str, given: str) -> bool:
        same_length = len(issued) == len(given)
        return same_length and issued.rpartition("_")[2] == given.rpartition("_")[2]


@fault("AUTH-04", "Only the length, the first 12 and the last 4 characters of a key are compared.")
class KeyMiddleIsNotCompared(_LooseKeys):
    def accepts(self, issued: str, given: str) -> bool:
        same_length = len(issued) == len(given)
        return same_length and (issued[:12], issued[-4:]) == (given[:12], given[-4:])


@fault("AUTH-05", "Keys are compared without regard to letter case.")
class KeyInAnyCase(_LooseKeys):
    def accepts(self, issued: str, given: str) -> bool:
        return issued.lower() == given.lower()


@fault(
    "AUTH-06", "`Bearer` is cut off as a set of characters, which a key may have at its end too."
)
class SchemeIsCutOffAsCharacters(ClinicianApi):
    def read_key(self, authorization: str | None) -> str | None:
        scheme, _, _ = (authorization or "").partition(" ")
        return (authorization or "").strip("Bear ") if scheme == "Bearer" else None


@fault("AUTH-06", "Characters after the 40th of a key are ignored.")
class KeyIsCutToItsColumn(_LooseKeys):
    def accepts(self, issued: str, given: str) -> bool:
        return issued == given[:40]


@fault("AUTH-06", "The beginning of a valid key is accepted if it has more than 20 characters.")
class KeyMayBeCutShort(_LooseKeys):
    def accepts(self, issued: str, given: str) -> bool:
        return len(given) > 20 and issued.startswith(given)


@fault(
    "AUTH-06",
    "Signs behind a key are skipped, as decoders of base64 skip what is not in their alphabet.",
)
class SignsBehindAKeyAreSkipped(_LooseKeys):
    def accepts(self, issued: str, given: str) -> bool:
        return issued == given.rstrip("=.!~-")


# AUTH-07: a scheme without a key


@fault("AUTH-07", "A bearer scheme without a key returns the first organisation's data.")
class EmptyBearerIsLetIn(ClinicianApi):
    def authenticate(self, authorization: str | None) -> Identity | None:
        if authorization is not None and authorization.strip().lower() == "bearer":
            return _first_organisation(self)
        return super().authenticate(authorization)


@fault("AUTH-07", "A bearer scheme without a key returns 500.")
class EmptyBearerBreaksTheServer(ClinicianApi):
    def read_key(self, authorization: str | None) -> str | None:
        if authorization is None:
            return None
        scheme, key = authorization.split(" ", 1)
        return key if scheme.lower() == "bearer" else None


# AUTH-08: the same response for known and unknown ids


@fault(
    "AUTH-08",
    "Without a valid key, a retrieve returns 404 for an unknown id and 401 for a known one.",
)
class UnknownIdComesBeforeTheKey(ClinicianApi):
    def refuse(self, context: Context, refusal: Refusal) -> Response:
        if refusal.status == 401 and context.operation == "retrieve":
            refusal = refusal if _exists(self, context) else self.profile_not_found()
        return super().refuse(context, refusal)


@fault(
    "AUTH-08",
    "With a wrong key, the 401 for a known id has another message than for an unknown id.",
)
class KnownIdHasItsOwnRefusal(ClinicianApi):
    def refuse(self, context: Context, refusal: Refusal) -> Response:
        if refusal.status == 401 and authorization(context) and _exists(self, context):
            refusal.message = "This API key may not read this profile."
        return super().refuse(context, refusal)


# AUTH-09 and AUTH-10: other schemes, and WWW-Authenticate


@fault("AUTH-09", "A valid key is accepted under any scheme, also Basic or Token.")
class AnySchemeWillDo(ClinicianApi):
    def read_key(self, authorization: str | None) -> str | None:
        return (authorization or "").partition(" ")[2].strip() or None


@fault("AUTH-09", "A valid key is accepted as the user name of Basic credentials.")
class KeyAsUserName(ClinicianApi):
    def read_key(self, authorization: str | None) -> str | None:
        scheme, _, text = (authorization or "").partition(" ")
        if scheme.lower() != "basic":
            return super().read_key(authorization)
        try:
            return base64.b64decode(text, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return None


@fault("AUTH-10", "The 401 for a wrong key has no `WWW-Authenticate` header.")
class NoChallengeToWrongKeys(ClinicianApi):
    def refuse(self, context: Context, refusal: Refusal) -> Response:
        if refusal.status == 401 and authorization(context):
            refusal.headers = {}
        return super().refuse(context, refusal)
