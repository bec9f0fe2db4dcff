"""Requests that reveal each fault of filters, search, retrieve, isolation and read-only."""

from __future__ import annotations

from urllib.parse import quote

from conformance.reference import seed
from conformance.reference.people import Clinician

DATA = seed.build()
UNKNOWN = "9e107d9d-372b-4b6d-a7c3-0123456789ab"
NOWHERE = "0b5e7c1a-61f4-4d0e-9a55-6f1c2b3d4e5f"


def _directory(organisation: str) -> list[Clinician]:
    """Return the clinicians of an organisation in the order of the list."""
    mine = (record for record in DATA.clinicians() if record.organisation_id == organisation)
    return sorted(mine, key=lambda record: (record.created_at, record.id))


OWN, OTHER = _directory(DATA.own.id), _directory(DATA.other.id)
PLACE, FOREIGN_PLACE = DATA.own.locations()[1].id, DATA.other.locations()[0].id
FOREIGN = OTHER[0].id
INACTIVE = next(record for record in OWN if not record.is_active and not record.is_bookable_online)
BOOKABLE_INACTIVE = next(
    record for record in OWN if not record.is_active and record.is_bookable_online
)
FOREIGN_ACTIVE = next(record.id for record in OTHER if record.is_active)
FOREIGN_INACTIVE = next(record.id for record in OTHER if not record.is_active)
NO_LOCATION = next(record.id for record in OWN if not record.location_ids)
FOREIGN_NO_LOCATION = next(record.id for record in OTHER if not record.location_ids)
WITH_NULL = next(record.id for record in OWN if record.bio is None)
UPDATED = next(record.id for record in OWN if record.updated_at != record.created_at)
ZERO = next(record.id for record in OWN if record.id.startswith("0"))
ZEROS = next(record.id for record in OWN if (record.registration_number or "").startswith("0"))
SEVERAL = next(record.id for record in OWN if len(record.location_ids) > 1 and record.role)
EMAIL = next(record.email for record in OWN if record.email) or ""
MARKED = next(record.email for record in OWN if "_" in (record.email or "")) or ""
ENCODED = next(record.email for record in OWN if "%" in (record.email or "")) or ""
LONGEST_ADDRESS = max((record.email or "" for record in OWN), key=len)
INACTIVE_ADDRESS = next(record.email for record in OWN if record.email and not record.is_active)
LAST_CHANGED = max(OWN, key=lambda record: record.updated_at)
FOREIGN_EMAIL = next(record.email for record in OTHER if record.email) or ""

WALK = ("GET ?limit=100", "GET ?limit=100&offset=100", "GET ?limit=100&offset=200")
REREAD = ("GET ?limit=100", "GET ?limit=100&offset=200", f"GET /{OWN[0].id}")
THERE = f"GET ?location_id={PLACE}"
POST = "POST "


def _find(term: str, rest: str = "") -> str:
    return f"GET ?search={quote(term, safe='')}&limit=100{rest}"


PROBES: dict[str, tuple[str, ...]] = {
    # filters
    "active-compared-as-text": ("GET ?is_active=true",),
    "active-needs-an-email": ("GET ?is_active=true&limit=100",),
    "active-forgotten-past-hundred": ("GET ?is_active=true&offset=100",),
    "inactive-taken-for-absent": ("GET ?is_active=false",),
    "inactive-must-not-be-bookable": ("GET ?is_active=false",),
    "inactive-never-updated-left-out": ("GET ?is_active=false&limit=100",),
    "active-by-default": ("GET ",),
    "inactive-hidden-past-two-hundred": ("GET ?offset=200&limit=63",),
    "bookable-must-be-active": ("GET ?is_bookable_online=true",),
    "bookable-only-at-location": ("GET ?is_bookable_online=true",),
    "bookable-after-the-slice": ("GET ?is_bookable_online=true",),
    "not-bookable-taken-for-absent": ("GET ?is_bookable_online=false",),
    "bookable-whatever-the-value": ("GET ?is_bookable_online=false",),
    "not-bookable-must-be-active": ("GET ?is_bookable_online=false",),
    "booleans-joined-by-or": ("GET ?is_active=true&is_bookable_online=true",),
    "booleans-skipped-where-both-false": ("GET ?is_active=false&is_bookable_online=false",),
    "one-value-for-both-booleans": ("GET ?is_active=true&is_bookable_online=false",),
    "inactive-drops-bookable": ("GET ?is_active=false&is_bookable_online=true",),
    "malformed-boolean-crashes": ("GET ?is_active=maybe",),
    "empty-boolean-crashes": ("GET ?is_bookable_online=",),
    "malformed-boolean-not-found": ("GET ?is_active=maybe",),
    "malformed-boolean-ignored": ("GET ?is_active=maybe",),
    "all-but-true-is-false": ("GET ?is_active=TRUE",),
    "all-but-false-is-true": ("GET ?is_bookable_online=no",),
    # locations and the order of parameters
    "location-ignored": (THERE,),
    "location-join-repeats": (THERE,),
    "location-forgotten-on-next-page": (f"{THERE}&offset=20",),
    "location-defaults-to-active": (THERE,),
    "location-drops-booleans": (f"{THERE}&is_active=false",),
    "location-or-bookable": (f"{THERE}&is_bookable_online=true",),
    "inactive-drops-location": (f"{THERE}&is_active=false",),
    "active-lost-behind-bookable": ("GET ?is_bookable_online=true&is_active=false",),
    "filters-behind-search-lost": ("GET ?search=miss&is_active=false",),
    "location-must-come-first": (f"GET ?is_active=true&location_id={PLACE}",),
    "unknown-location-ignored": (f"GET ?location_id={NOWHERE}",),
    "unknown-location-not-found": (f"GET ?location_id={NOWHERE}",),
    "location-lost-behind-the-first-page": (f"GET ?location_id={PLACE}&offset=1",),
    "second-word-found-everywhere": ("GET ?search=grace+trelawney",),
    "not-found-is-kept": (f"GET /{FOREIGN}", f"other GET /{FOREIGN}"),
    "unknown-location-means-none": (f"GET ?location_id={NOWHERE}",),
    "malformed-location-ignored": ("GET ?location_id=here",),
    "empty-location-ignored": ("GET ?location_id=",),
    "location-by-its-first-group": (f"GET ?location_id={PLACE[:8]}",),
    "location-cut-to-length": (f"GET ?location_id={PLACE}0",),
    "malformed-location-gives-nothing": ("GET ?location_id=here",),
    "long-location-gives-nothing": (f"GET ?location_id={PLACE}0",),
    # search
    "name-not-searched": (_find("Aurelius"),),
    "name-from-its-start": (_find("Aurelius"),),
    "third-word-of-name-lost": (_find("Aurelius"),),
    "long-words-of-name-lost": (_find("Aurelius"),),
    "two-word-display-name-lost": (_find("Fitz"),),
    "addresses-with-stop-lost": (_find("firecrest.team@example.nhs.uk"),),
    "null-hides-from-search": (_find("Will"),),
    "display-name-not-searched": (_find("Bunty"),),
    "display-name-whole-only": (_find("Bunty"),),
    "display-name-of-bookable-only": tuple(map(_find, ("Bunty", "Chip", "Dot", "Fitz", "Ginger"))),
    "email-not-searched": (_find("kestrel@example.nhs.uk"),),
    "address-is-one-word": (_find(EMAIL),),
    "address-escaped-twice": (_find(MARKED),),
    "letter-case-counts": (_find("WALKER"),),
    "letter-case-counts-in-display-name": (_find("bunty"),),
    "letter-case-counts-in-email": (_find(EMAIL.upper()),),
    "capitals-find-nothing": (_find("Walker"),),
    "nothing-found-gives-all": (_find("qqqzzz"),),
    "long-term-ignored": (_find("qqqzzz" * 8),),
    "digits-stripped": (_find("7654321"),),
    "bio-searched": (_find("dermatology"),),
    "role-searched": (_find("Podiatrist"),),
    "registration-number-searched": (
        _find(
            next(record.registration_number for record in OWN if record.registration_number) or ""
        ),
    ),
    "qualifications-searched": (_find("DRCOG"),),
    "registration-body-searched": (_find("HCPC"),),
    "bio-searched-at-last": (_find("dermatology"),),
    "found-page-filled-up": (_find("Aurelius"),),
    "similar-words-found": (_find("Walker"),),
    "term-written-into-sql": (_find("' OR '1'='1"),),
    "or-one-is-one-finds-all": (_find("qqqzzz OR 1=1"),),
    "marks-are-wildcards": (_find("%"),),
    "underscore-is-wildcard": (_find("_"),),
    "term-without-words-ignored": (_find("%"),),
    "search-drops-filters": (_find("Miss", "&is_active=false"),),
    "addresses-escape-the-filter": (
        _find(INACTIVE_ADDRESS, "&is_active=true"),
        _find(INACTIVE_ADDRESS, "&is_active=false"),
    ),
    "long-addresses-are-not-indexed": (_find(LONGEST_ADDRESS),),
    "search-drops-location": (_find("Miss", f"&location_id={PLACE}"),),
    "not-bookable-drops-search": (_find("Miss", "&is_bookable_online=false"),),
    "search-or-active": (_find("Miss", "&is_active=false"),),
    "search-finds-active-only": (_find("Miss"),),
    "search-active-by-default": (_find("Miss"),),
    "inactive-found-by-email-only": (_find("Miss"),),
    "search-finds-five": (_find("Miss"),),
    "newest-not-indexed": (_find("Miss"), _find("Sister"), _find("Mrs")),
    "one-found-per-family-name": (_find("Smith"),),
    "searches-the-page-only": (_find("Miss"),),
    # retrieve
    "first-hundred-retrievable": (f"GET /{OWN[100].id}",),
    "first-of-its-second-retrieved": (f"GET /{OWN[150].id}",),
    "leading-zero-lost": (f"GET /{ZERO}",),
    "retrieve-empties-nulls": (f"GET /{WITH_NULL}",),
    "list-cuts-bio": ("GET ",),
    "retrieve-strips-leading-zeros": (f"GET /{ZEROS}",),
    "list-fills-display-name": ("GET ",),
    "inactive-retrieved-as-not-bookable": (f"GET /{BOOKABLE_INACTIVE.id}",),
    "list-is-behind-past-hundred": ("GET ?offset=100",),
    "role-ends-in-blank": (f"GET /{SEVERAL}",),
    "unknown-id-gives-null": (f"GET /{UNKNOWN}",),
    "unknown-id-forbidden": (f"GET /{UNKNOWN}",),
    "unknown-id-crashes": (f"GET /{UNKNOWN}",),
    "unknown-id-gives-the-next": (f"GET /{UNKNOWN}",),
    "malformed-id-crashes": ("GET /nobody",),
    "number-taken-for-an-id": ("GET /1",),
    "first-group-taken-for-the-id": (f"GET /{OWN[0].id[:8]}",),
    "inactive-not-retrieved": (f"GET /{INACTIVE.id}",),
    "inactive-is-gone": (f"GET /{INACTIVE.id}",),
    "inactive-not-bookable-not-retrieved": (f"GET /{INACTIVE.id}",),
    "updated-at-is-now": (f"GET /{OWN[0].id}",),
    "retrieved-times-are-mislabelled": (f"GET /{OWN[0].id}",),
    "second-read-has-no-nulls": (f"GET /{WITH_NULL}", f"GET /{WITH_NULL}"),
    "replica-is-behind": (f"GET /{UPDATED}", f"GET /{UPDATED}"),
    # isolation of a retrieve
    "everyone-retrieved": (f"GET /{FOREIGN}",),
    "foreign-past-forty-retrieved": (f"GET /{OTHER[40].id}",),
    "foreign-without-location-retrieved": (f"GET /{FOREIGN_NO_LOCATION}",),
    "foreign-inactive-retrieved": (f"GET /{FOREIGN_INACTIVE}",),
    "foreign-forbidden": (f"GET /{FOREIGN}",),
    "foreign-inactive-gone": (f"GET /{FOREIGN_INACTIVE}",),
    "foreign-retrieved-the-second-time": (f"GET /{FOREIGN}", f"GET /{FOREIGN}"),
    "foreign-message-differs": (f"GET /{FOREIGN}",),
    "foreign-code-differs": (f"GET /{FOREIGN}",),
    "foreign-message-lacks-its-stop": (f"GET /{FOREIGN}",),
    "foreign-inactive-told": (f"GET /{FOREIGN_INACTIVE}",),
    "foreign-creation-told": (f"GET /{FOREIGN}",),
    "foreign-has-an-etag": (f"GET /{FOREIGN}",),
    "only-unknown-may-be-cached": (f"GET /{UNKNOWN}",),
    "foreign-lacks-rate-limit": (f"GET /{FOREIGN}",),
    "head-finds-foreign": (f"HEAD /{FOREIGN}",),
    "head-of-foreign-forbidden": (f"HEAD /{FOREIGN}",),
    "head-dates-foreign": (f"HEAD /{FOREIGN}",),
    # isolation: caches, and organisations named by the client
    "retrieve-cached-by-url": (f"other GET /{FOREIGN}", f"GET /{FOREIGN}"),
    "last-retrieve-cached-by-url": (f"other GET /{FOREIGN}", f"GET /{FOREIGN}"),
    "head-from-shared-cache": (f"other GET /{FOREIGN}", f"HEAD /{FOREIGN}"),
    "active-retrieve-cached-by-url": (
        f"other GET /{FOREIGN_ACTIVE}",
        f"GET /{FOREIGN_ACTIVE}",
    ),
    "list-cached-by-url": ("other GET ?limit=7", "GET ?limit=7"),
    "found-ids-are-kept-by-term": ("other " + _find("Smith"), _find("Smith")),
    "search-cached-by-url": ("other GET ?search=smith", "GET ?search=smith"),
    "filtered-list-cached-by-url": ("other GET ?is_active=true", "GET ?is_active=true"),
    "filtered-search-cached-by-url": tuple(
        f"{key}GET ?search=Miss&is_active=true" for key in ("other ", "")
    ),
    "plain-list-cached": ("other GET ", "GET "),
    "parameter-names-organisation": (f"GET ?organisation_id={UNKNOWN}",),
    "parameter-names-organisation-of-retrieve": (
        f"GET /{FOREIGN}?organisation_id={DATA.other.id}",
    ),
    "header-names-organisation": (f"GET  | X-Organisation-Id: {DATA.other.id}",),
    "header-names-tenant": (f"GET  | X-Tenant-Id: {UNKNOWN}",),
    "parameter-names-organization": (f"GET ?organization_id={DATA.other.id}",),
    # isolation of lists
    "list-of-everyone": ("GET ",),
    "list-holds-foreign-without-location": WALK,
    "list-holds-two-foreign": WALK,
    "pages-past-two-hundred-hold-foreign": WALK,
    "inactive-of-everyone": ("GET ?is_active=false",),
    "both-booleans-of-everyone": ("GET ?is_active=true&is_bookable_online=true",),
    "not-bookable-of-everyone-on-next-page": ("GET ?is_bookable_online=false&offset=20",),
    "guests-at-location-listed": (f"{THERE}&limit=100",),
    "search-finds-everyone": (_find("Smith"),),
    "address-found-everywhere": (_find(FOREIGN_EMAIL),),
    "searched-everywhere-at-last": (_find(FOREIGN_EMAIL),),
    "display-name-found-everywhere": (_find("Bunty"), _find("Chip")),
    "foreign-word-has-more": (_find(FOREIGN_EMAIL),),
    "foreign-word-not-found": (_find(FOREIGN_EMAIL),),
    "foreign-location-lists": (f"GET ?location_id={FOREIGN_PLACE}",),
    "foreign-location-forbidden": (f"GET ?location_id={FOREIGN_PLACE}",),
    "foreign-location-has-more": (f"GET ?location_id={FOREIGN_PLACE}",),
    "foreign-location-with-active": (f"GET ?location_id={FOREIGN_PLACE}&is_active=true",),
    "has-more-counts-everyone": ("GET ?limit=100&offset=200",),
    "filtered-has-more-counts-everyone": ("GET ?is_active=true&limit=100&offset=100",),
    "looks-ahead-into-foreign": ("GET ?limit=63&offset=200",),
    "list-runs-on-into-foreign": ("GET ?offset=263",),
    "last-page-filled-up-with-foreign": ("GET ?offset=260",),
    # other methods
    "post-creates": (POST,),
    "post-validates": (POST,),
    "post-parses-its-body": (POST,),
    "post-crashes": (POST,),
    "post-lists": (POST,),
    "put-validates": (f"PUT /{UNKNOWN}",),
    "put-creates": (f"PUT /{UNKNOWN}",),
    "put-crashes": (f"PUT /{UNKNOWN}",),
    "patch-succeeds": (f"PATCH /{UNKNOWN}",),
    "patch-validates": (f"PATCH /{UNKNOWN}",),
    "patch-crashes": (f"PATCH /{UNKNOWN}",),
    "delete-removes": (f"DELETE /{UNKNOWN}",),
    "delete-crashes": (f"DELETE /{UNKNOWN}",),
    "delete-wants-reason": (f"DELETE /{UNKNOWN}",),
    "post-leaves-draft": (POST, *REREAD),
    "put-toggles-the-first": (f"PUT /{UNKNOWN}", *REREAD),
    "patch-stamps-all": (f"PATCH /{UNKNOWN}", *REREAD),
    "delete-drops-the-last": (f"DELETE /{UNKNOWN}", *REREAD),
    "allow-is-missing": (POST,),
    "other-methods-forbidden": (POST,),
    "profile-methods-not-found": (f"DELETE /{UNKNOWN}",),
    # other spellings and requests for the same profile
    "foreign-in-upper-case-retrieved": (f"GET /{FOREIGN.upper()}",),
    "foreign-without-hyphens-retrieved": (f"GET /{FOREIGN.replace('-', '')}",),
    "foreign-percent-encoded-retrieved": (f"GET /{FOREIGN[:-1]}%{ord(FOREIGN[-1]):02X}",),
    "own-retrieved-by-the-other": (f"other GET /{OWN[0].id}",),
    "head-finds-foreign-inactive": (f"HEAD /{FOREIGN_INACTIVE}",),
    "inactive-of-everyone-on-next-page": ("GET ?is_active=false&offset=1",),
    "filtered-list-of-the-other-is-wide": ("other GET ?is_active=true",),
    "search-of-the-other-is-wide": ("other " + _find("Fairweather"),),
    "header-names-organisation-of-retrieve": (
        f"GET /{OWN[0].id} | X-Organisation-Id: {DATA.other.id}",
    ),
    "camel-case-parameter-names-organisation": (f"GET ?organisationId={DATA.other.id}",),
    "not-found-is-kept-by-url": (f"GET /{FOREIGN}", f"other GET /{FOREIGN}"),
    # results
    "default-is-fifty-under-search": ("GET ?search=Walker",),
    "filtered-end-repeats-the-last-record": (
        f"GET ?is_active=false&offset={sum(not record.is_active for record in OWN)}",
    ),
    "search-rows-are-stale": (_find("Walker"),),
    "rows-at-location-are-leaner": (THERE,),
    "last-changed-not-indexed": (_find(LAST_CHANGED.name.split()[-1]),),
    "term-is-decoded-twice": (_find(ENCODED),),
    "only-ascii-is-folded": (_find("ZOË"),),
    # several parameters together
    "third-filter-forgotten": (f"{THERE}&is_active=true&is_bookable_online=false",),
    "search-at-location-drops-active": (_find("Sister", f"&location_id={PLACE}&is_active=false"),),
    "offset-ignored-in-full-search-pages": (_find("Sister", "&offset=1&is_active=true"),),
    "has-more-counts-the-search-alone": (
        _find("Sister", "&is_active=true&is_bookable_online=true").replace("100", "12"),
    ),
    "capitals-beside-filters-find-nothing": (
        _find("SISTER", "&is_active=true&is_bookable_online=true"),
    ),
    "hundred-refused-beside-search-and-offset": (_find("Sister", "&offset=1"),),
    "limit-ignored-in-search-at-location": (f"{THERE}&search=Sister&limit=1",),
    "limit-uncapped-beside-search": ("GET ?search=Sister&limit=101",),
    "negative-offset-crashes-beside-filter": ("GET ?is_active=true&offset=-1",),
    "negative-offset-from-the-end-of-search": (_find("Sister", "&offset=-1"),),
    "zero-limit-crashes-in-search-at-location": (f"{THERE}&search=Sister&limit=0",),
    "malformed-offset-not-found-beside-booleans": (
        "GET ?is_active=true&is_bookable_online=true&offset=x",
    ),
    "malformed-boolean-crashes-beside-search": (_find("Sister", "&is_active=x"),),
    "malformed-location-ignored-beside-search": (_find("Sister", "&location_id=x"),),
    "malformed-bookable-drops-active": ("GET ?is_active=true&is_bookable_online=x",),
    "signs-crash-beside-location": (f"{THERE}&search=%26",),
    "search-with-booleans-of-everyone": (
        _find("Sister", "&is_active=true&is_bookable_online=true"),
    ),
    "later-search-pages-of-everyone": (_find("Sister", "&is_bookable_online=true&offset=1"),),
    # profiles that every list lacks
    "hyphenated-names-are-not-listed": tuple(f"GET ?limit=100&offset={at}" for at in (0, 100, 200)),
    "lists-join-display-names": ("GET ?limit=100",),
    "profiles-without-display-name-are-gone": ("GET ?limit=100",),
    # side effects of reading, and HEAD
    "retrieve-touches": (f"GET /{OWN[3].id}", "GET "),
    "last-read-comes-first": (f"GET /{OWN[3].id}", "GET "),
    "found-goes-last": (_find("Walker"), "GET "),
    "filter-sticks": ("GET ?is_active=false", "GET "),
    "head-crashes": ("HEAD ",),
    "head-of-unknown-crashes": (f"HEAD /{UNKNOWN}",),
    "head-of-list-crashes": ("HEAD ",),
    "head-refused": ("HEAD ",),
    "head-of-profile-not-found": (f"HEAD /{OWN[0].id}",),
    "head-of-unknown-found": (f"HEAD /{UNKNOWN}",),
    "head-has-no-content": ("HEAD ",),
}
# Only the response time reveals these: the id with a slow response, and one with a fast response.
TIMED: dict[str, tuple[str, str]] = {
    "foreign-is-slower": (FOREIGN, UNKNOWN),
    "unknown-is-slower": (UNKNOWN, FOREIGN),
}
# Only the response to the last request of the probe reveals these; the other responses are equal.
IN_THE_LAST = {
    *("foreign-retrieved-the-second-time", "second-read-has-no-nulls", "replica-is-behind"),
    *(name for name in PROBES if "cache" in name or "kept-by" in name),
    *("last-read-comes-first", "found-goes-last", "filter-sticks", "retrieve-touches"),
}
