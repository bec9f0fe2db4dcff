"""Servers that let the wrong callers in, keep the right ones out, or say too much to them (AUTH)."""

from __future__ import annotations

import base64
import binascii

from starlette.responses import Response

from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.refusals import Refusal
from conformance.reference.store import Identity


class _LooseKeys(ClinicianApi):
    """Looks keys up by a rule of its own."""

    def same(self, issued: str, given: str) -> bool:
        """Whether a given key passes for one that was issued."""
        return issued == given

    def identify(self, key: str) -> Identity | None:
        """The owner of the first issued key that the given one passes for."""
        for issued in self.store.data.keys:
            if self.same(issued.key, key):
                return super().identify(issued.key)
        return None


def _anyone(api: ClinicianApi) -> Identity | None:
    """The identity that a server falls back to: its first organisation's."""
    return api.store.identity(api.store.data.own_key.key)


def _exists(api: ClinicianApi, context: Context) -> bool:
    """Whether any organisation has a profile with the id in the path."""
    found = "SELECT 1 FROM clinicians WHERE id = ?"
    return bool(api.store.rows(found, (context.clinician_id.lower(),)))


def _header(context: Context) -> str | None:
    return context.request.headers.get("authorization")


# AUTH-01: a valid key


@fault("AUTH-01", "Only the list knows keys: a retrieve answers a valid one with 401.")
class RetrieveRefusesValidKeys(ClinicianApi):
    def authorize(self, context: Context, identity: Identity) -> None:
        if context.operation == "retrieve":
            raise self.unauthorized()
        super().authorize(context, identity)


# AUTH-02: no key


@fault("AUTH-02", "Without an Authorization header the first organisation's data are served.")
class NoHeaderIsTheFirstOrganisation(ClinicianApi):
    def authenticate(self, authorization: str | None) -> Identity | None:
        return _anyone(self) if authorization is None else super().authenticate(authorization)


@fault("AUTH-02", "A missing Authorization header is answered 403, and a wrong key 401.")
class NoHeaderIsForbidden(ClinicianApi):
    def authenticate(self, authorization: str | None) -> Identity | None:
        if authorization is None:
            raise Refusal(403, "FORBIDDEN", "Not authenticated.")
        return super().authenticate(authorization)


@fault("AUTH-02", "A retrieve without a header is answered 404 for every id, a list 401.")
class NoHeaderHidesProfiles(ClinicianApi):
    def refuse(self, context: Context, refusal: Refusal) -> Response:
        if refusal.status == 401 and context.operation == "retrieve" and _header(context) is None:
            refusal = self.profile_not_found()
        return super().refuse(context, refusal)


@fault("AUTH-02", "A gateway answers a missing header itself, with an object that is no envelope.")
class NoHeaderIsAnsweredByTheGateway(ClinicianApi):
    def error_body(self, context: Context, refusal: Refusal) -> Body:
        if refusal.status == 401 and _header(context) is None:
            return {"message": "Unauthorized"}
        return super().error_body(context, refusal)


# AUTH-03: a key that was never issued


@fault("AUTH-03", "Any text in the form of a test key is taken for the first organisation's key.")
class AnyTestKeyIsValid(ClinicianApi):
    def identify(self, key: str) -> Identity | None:
        known = super().identify(key)
        if known is None and key.startswith("pk_test_"):
            return _anyone(self)
        return known


@fault("AUTH-03", "An unknown key sees an organisation without records: an empty list, not 401.")
class UnknownKeySeesNothing(ClinicianApi):
    def identify(self, key: str) -> Identity | None:
        identity = super().identify(key)
        if identity is not None:
            return identity
        return Identity("", "", frozenset(self.scopes.values()), revoked=False)


@fault("AUTH-03", "A retrieve only looks whether there is a key, and then shows any profile.")
class RetrieveTakesUnknownKeys(ClinicianApi):
    def answer(self, context: Context) -> Response:
        key = self.read_key(_header(context))
        if context.operation != "retrieve" or key is None or self.identify(key):
            return super().answer(context)
        identity = _anyone(self)
        assert identity is not None
        return self.respond(context, 200, self.read(context, identity))


# AUTH-04 to AUTH-06: almost a valid key


@fault("AUTH-04", "Of a key of the right length only the first 24 characters are compared.")
class KeyTailIsNotCompared(_LooseKeys):
    def same(self, issued: str, given: str) -> bool:
        return len(issued) == len(given) and issued[:24] == given[:24]


@fault("AUTH-04", "The letters before the last underscore of a key, pk and test, are not compared.")
class KeyHeadIsNotCompared(_LooseKeys):
    def same(self, issued: str, given: str) -> bool:
        lengths = len(issued) == len(given)
        return lengths and issued.rpartition("_")[2] == given.rpartition("_")[2]


@fault("AUTH-04", "A key is known by its first 12 and last 4 characters, which a dashboard shows.")
class KeyMiddleIsNotCompared(_LooseKeys):
    def same(self, issued: str, given: str) -> bool:
        lengths = len(issued) == len(given)
        return lengths and (issued[:12], issued[-4:]) == (given[:12], given[-4:])


@fault("AUTH-05", "Keys are compared without regard to letter case.")
class KeyInAnyCase(_LooseKeys):
    def same(self, issued: str, given: str) -> bool:
        return issued.lower() == given.lower()


@fault("AUTH-06", "A key column of 40 characters: what stands behind them is not looked at.")
class KeyIsCutToItsColumn(_LooseKeys):
    def same(self, issued: str, given: str) -> bool:
        return issued == given[:40]


@fault("AUTH-06", "A key is found by its beginning, so that the last character may be missing.")
class KeyMayBeCutShort(_LooseKeys):
    def same(self, issued: str, given: str) -> bool:
        return len(given) > 20 and issued.startswith(given)


# AUTH-07: no key behind the scheme


@fault("AUTH-07", "A bearer scheme without a key is let through as the first organisation.")
class EmptyBearerIsLetIn(ClinicianApi):
    def authenticate(self, authorization: str | None) -> Identity | None:
        if authorization is not None and authorization.strip().lower() == "bearer":
            return _anyone(self)
        return super().authenticate(authorization)


@fault("AUTH-07", "The header is split at its space: a scheme alone ends in a server error.")
class EmptyBearerBreaksTheServer(ClinicianApi):
    def read_key(self, authorization: str | None) -> str | None:
        if authorization is None:
            return None
        scheme, key = authorization.split(" ", 1)
        return key if scheme.lower() == "bearer" else None


# AUTH-08: what a caller without a key learns of ids


@fault("AUTH-08", "The profile is looked up before the key: 404 for an unknown id, else 401.")
class UnknownIdComesBeforeTheKey(ClinicianApi):
    def refuse(self, context: Context, refusal: Refusal) -> Response:
        if refusal.status == 401 and context.operation == "retrieve":
            refusal = refusal if _exists(self, context) else self.profile_not_found()
        return super().refuse(context, refusal)


@fault("AUTH-08", "With a wrong key, and not without one, the 401 of a known id has its own words.")
class KnownIdHasItsOwnRefusal(ClinicianApi):
    def refuse(self, context: Context, refusal: Refusal) -> Response:
        if refusal.status == 401 and _header(context) and _exists(self, context):
            refusal.message = "This API key may not read this profile."
        return super().refuse(context, refusal)


# AUTH-09 and AUTH-10


@fault("AUTH-09", "The scheme is not looked at: Basic, Token or any word before a key will do.")
class AnySchemeWillDo(ClinicianApi):
    def read_key(self, authorization: str | None) -> str | None:
        return (authorization or "").partition(" ")[2].strip() or None


@fault("AUTH-09", "The key is accepted as the user name of Basic credentials.")
class KeyAsUserName(ClinicianApi):
    def read_key(self, authorization: str | None) -> str | None:
        scheme, _, text = (authorization or "").partition(" ")
        if scheme.lower() != "basic":
            return super().read_key(authorization)
        try:
            return base64.b64decode(text, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return None


@fault("AUTH-10", "WWW-Authenticate is sent where no key came, and not where a wrong one did.")
class NoChallengeToWrongKeys(ClinicianApi):
    def refuse(self, context: Context, refusal: Refusal) -> Response:
        if refusal.status == 401 and _header(context):
            refusal.headers = {}
        return super().refuse(context, refusal)
