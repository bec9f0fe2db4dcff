"""Why a fault makes other requirements fail than the one that it breaks.

A fault has one wrong decision, but one response may break the sentences of several requirements. The table
says for which pairs this is so, and why. A requirement that fails on a fault without an entry is listed as
unexplained: either an entry is missing, or a case accuses the server of something that the exchange does not
show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Consequence:
    """A reason why a fault that breaks ``cause`` makes ``effect`` fail as well.

    Both are ids of requirements or patterns of them, separated by blanks.
    """

    cause: str
    effect: str
    reason: str

    def explains(self, cause: str, effect: str) -> bool:
        """Return whether this is a reason for the pair."""
        return _matches(cause, self.cause) and _matches(effect, self.effect)


def _matches(identifier: str, patterns: str) -> bool:
    return any(fnmatchcase(identifier, pattern) for pattern in patterns.split())


TABLE: Sequence[Consequence] = (
    # Framing
    Consequence(
        "ROB-14", "RO-09", "The bytes that must not follow are the body of a HEAD response."
    ),
    Consequence(
        "ROB-14", "ENV-12", "A declared length that is too short cuts the JSON of the body."
    ),
    # Races
    Consequence(
        "ORG-15",
        "ORG-0[15-7] FIL-0[1-9] FIL-10 FIL-17 LIM-0[12] LIM-10 PAG-0[1235789] PAG-1[0-4] RET-0[16] "
        "RO-0[579] SRCH-0[1-4] SRCH-10 SRCH-19",
        "Under concurrent requests, a response is that of another organisation.",
    ),
    # Status codes
    Consequence(
        "AUTH-07 AUTH-14 FIL-1[3589] LIM-0[79] LIM-1[24789] PAG-09 RET-0[345] RO-0[1-48] RO-1[01] "
        "ROB-0[2-8] ROB-1[12] SRCH-06 SRCH-20",
        "ROB-01",
        "The wrong response is a server error.",
    ),
    Consequence(
        "FIL-1[039] LIM-17 LIM-20 SRCH-20 ORG-0[17] PAG-08 RET-0[45] ROB-01 ROB-04 ROB-08",
        "ERR-04",
        "The wrong response has a status code that the contract does not list for the operation.",
    ),
    Consequence(
        "ERR-04",
        "FIL-0[789] FIL-10 LIM-02 PAG-0[89] PAG-12 RET-0[156] ROB-0[2457] SRCH-0[34] SRCH-10",
        "The unlisted status code takes the place of the list or the profile that must be returned.",
    ),
    Consequence(
        "ROB-08",
        "FIL-1[135] LIM-0[45679] LIM-1[12489] LIM-20 ROB-03",
        "The parameter is invalid, and its refusal has neither status 400 nor 422.",
    ),
    Consequence(
        "FIL-13", "FIL-15 ROB-08", "The values of both requirements get the wrong response."
    ),
    Consequence(
        "FIL-11", "FIL-16", "The empty value is ignored like every value that is not a UUID."
    ),
    Consequence("RET-04", "ORG-01", "Some spellings of the other organisation's id are malformed."),
    Consequence("ENV-08 ENV-16", "ENV-14", "The cache repeats an earlier count."),
    Consequence("FIL-10", "ROB-07", "A location that does not exist is a valid parameter."),
    Consequence("LIM-07", "ROB-08", "The limit is one of the invalid parameters."),
    Consequence(
        "RET-04 ROB-01",
        "RET-04 ROB-06 ROB-08",
        "The malformed id is one of the path segments and parameters of these requirements.",
    ),
    Consequence("RET-03", "RO-08", "HEAD of an unknown id fails as GET does."),
    Consequence("RO-01", "RO-05", "The method that exists has added a profile."),
    # Keys
    Consequence(
        "AUTH-01",
        "RET-01 RET-0[34] ROB-08",
        "Every retrieve with a valid key is refused with 401, whatever the id is.",
    ),
    Consequence(
        "AUTH-02", "AUTH-08", "Without a key, an id is retrieved, and told from an unknown one."
    ),
    Consequence(
        "AUTH-03",
        "AUTH-0[4568]",
        "A key with a changed letter, letter case or length was never issued either.",
    ),
    Consequence(
        "AUTH-0[236]",
        "AUTH-1[456]",
        "Without a key, or with a malformed or misplaced one, these requests return data too.",
    ),
    Consequence("AUTH-15", "ORG-14", "The condition is sent without a key too, and returns 304."),
    # Envelope and members
    Consequence("ENV-01", "ENV-04", "Errors are in the same wrapper as lists."),
    Consequence(
        "RET-03", "ENV-03", "An unknown id returns 200, with an envelope that has no profile."
    ),
    Consequence(
        "RET-0[26]", "OBJ-1[01]", "The value that the retrieve changes is no longer of its format."
    ),
    Consequence(
        "OBJ-08 RET-06 RO-07",
        "RET-02",
        "The retrieved profile has another value than the row of the list.",
    ),
    Consequence(
        "RO-07", "RET-06 RO-05", "A retrieve changes the profile, so the next read differs."
    ),
    Consequence("RET-05", "RET-01", "The profile that is not retrieved is one of the list."),
    Consequence(
        "RO-07", "PAG-13", "A retrieve changes the order, so that pages read after it do not join."
    ),
    Consequence("RO-07", "ENV-12", "What a cache kept of HEAD has no body."),
    # Limits
    Consequence(
        "LIM-0[123457]",
        "LIM-0[123]",
        "The limit in force is not the one that is requested, or not the one that meta.limit names.",
    ),
    Consequence("LIM-04", "LIM-09", "The limit beyond 64 bits is above 100 too."),
    Consequence(
        "LIM-0[247] LIM-14",
        "LIM-08 LIM-1[56]",
        "The input is not refused, but answered with a page.",
    ),
    Consequence("LIM-0[45]", "ROB-09", "meta.limit is out of the bounds of its schema."),
    Consequence("LIM-07", "LIM-18", "The notation is one of those that are not integers."),
    Consequence("LIM-10", "SRCH-19", "The profile that is found first is skipped."),
    Consequence("LIM-14", "LIM-20", "The offset beyond 32 bits is treated as the one beyond 64."),
    Consequence("FIL-07 FIL-10", "FIL-19", "The id in capital letters is no location's either."),
    Consequence("SRCH-09", "SRCH-18", "The signs of other languages are signs too."),
    Consequence("ORG-07", "SRCH-17", "The foreign profile that is found is not in the list."),
    Consequence(
        "ERR-04",
        "PAG-13 FIL-19 SRCH-06 SRCH-16 SRCH-20",
        "The unlisted status code takes the place of the list or the refusal.",
    ),
    Consequence("ROB-05", "SRCH-01 SRCH-15", "The word has a sign or a script that fails."),
    Consequence("RET-01", "RET-05", "The profile that is not retrieved is inactive."),
    Consequence("LIM-18", "ROB-09", "meta.limit is out of the bounds of its schema."),
    Consequence(
        "LIM-20", "LIM-1[46]", "The offset beyond 64 bits is treated as the one beyond 32 bits."
    ),
    Consequence("LIM-0[34]", "PAG-07", "The page has another number of records than meta.limit."),
    Consequence("LIM-05", "PAG-06", "The empty page promises more records."),
    Consequence(
        "LIM-02", "PAG-11", "The page of the limit that is refused is no slice of the list."
    ),
    Consequence(
        "LIM-10",
        "PAG-05 PAG-10 PAG-12",
        "The page without offset starts elsewhere than next_offset and the first page say.",
    ),
    Consequence("ROB-09", "LIM-0[12]", "The limit that meta names is out of bounds."),
    Consequence("ROB-09", "PAG-0[489]", "The next offset is a number where null is expected."),
    # Pages
    Consequence(
        "PAG-0[156]",
        "PAG-12",
        "A client that follows next_offset while has_more is true misses or repeats records.",
    ),
    Consequence(
        "LIM-02", "PAG-12", "A client that walks with a limit that is refused sees no record."
    ),
    Consequence("PAG-02", "PAG-03", "The last page that is full promises more as well."),
    Consequence("PAG-0[46]", "PAG-0[89]", "The page at or past the end is not the last one."),
    Consequence("PAG-06", "PAG-05", "The empty page names an offset past its own end."),
    Consequence(
        "PAG-10",
        "LIM-10 RO-07 PAG-0[567] PAG-1[123]",
        "The list that changes without a change of the data no longer agrees with what was read before.",
    ),
    Consequence(
        "PAG-1[12]",
        "PAG-0[12389] PAG-1[13]",
        "The page holds other records than those at its offset, so its end is elsewhere too.",
    ),
    Consequence("FIL-04 PAG-12 SRCH-05", "ENV-08 ENV-1[46]", "The cache repeats id and count too."),
    Consequence(
        "FIL-04",
        "FIL-05 FIL-06 FIL-17 PAG-13",
        "The cache returns the list of the other value, or that without the filter.",
    ),
    Consequence("ORG-10", "PAG-01", "The page is that of another list, which ends there."),
    Consequence("PAG-12", "PAG-05", "The page is another one, with the offset after that."),
    Consequence("PAG-12", "FIL-03", "A record that filtered lists have is on no page of the list."),
    Consequence(
        "PAG-13",
        "PAG-0[5-8] FIL-0[17]",
        "The filter is applied to a page, or is lost on a later one, so the page has other records.",
    ),
    # Filters and search
    Consequence(
        "FIL-01", "PAG-13", "From some offset on, the filtered list has records that do not match."
    ),
    Consequence(
        "FIL-0[37]",
        "FIL-0[268]",
        "The list without is_active is the one that the combination is compared with.",
    ),
    Consequence("FIL-07", "FIL-10", "A location that does not exist is ignored too."),
    Consequence(
        "SRCH-0[14] SRCH-1[12]",
        "SRCH-0[123] SRCH-12",
        "The profile that is not found holds a word of these requirements too.",
    ),
    Consequence(
        "SRCH-05", "SRCH-06", "The term occurs in another member of a profile that is found."
    ),
    Consequence("SRCH-07", "SRCH-05", "The term finds profiles that do not hold it."),
    Consequence(
        "FIL-09 ROB-07 SRCH-05 SRCH-07 SRCH-12",
        "SRCH-10",
        "With a filter, the search finds other profiles than both on their own.",
    ),
    Consequence(
        "SRCH-1[45]",
        "SRCH-1[459]",
        "The term of several parts is not found, whatever stands between.",
    ),
    Consequence(
        "SRCH-17",
        "PAG-14 FIL-17 FIL-18 SRCH-10 SRCH-12",
        "The search has profiles that lists with other filters and pages lack.",
    ),
    Consequence("PAG-14", "PAG-09", "The page past the end of a search has records of it."),
    Consequence("SRCH-07 SRCH-12", "PAG-14", "The result depends on the page that is requested."),
    # Several parameters
    Consequence(
        "ENV-0[24] LIM-0[12] PAG-* ROB-09",
        "FIL-1[78] LIM-17 ROB-04",
        "Pages and refusals with several parameters have the same wrong member or the same wrong end.",
    ),
    Consequence(
        "FIL-0[16789] SRCH-04 SRCH-07 SRCH-1[02]",
        "FIL-1[78]",
        "The filter or the search that goes wrong is one of several parameters.",
    ),
    Consequence(
        "ORG-0[678] ORG-12",
        "FIL-1[78]",
        "The list with several parameters has or counts profiles of another organisation.",
    ),
    Consequence(
        "FIL-1[135] ROB-05 ROB-08 SRCH-05",
        "FIL-18",
        "The malformed filter or the search for signs has this response beside other parameters too.",
    ),
    Consequence(
        "LIM-0[457] LIM-1[189] ROB-08",
        "LIM-17",
        "The wrong limit or offset has this response beside filters too.",
    ),
    Consequence(
        "ROB-07", "FIL-1[78]", "The valid parameters that are refused are several parameters."
    ),
    Consequence("FIL-17", "PAG-07", "has_more, which goes wrong, is what this requirement judges."),
    Consequence("PAG-02", "PAG-07", "The page that is not full promises more."),
    Consequence("LIM-17", "ROB-09", "meta.limit is out of the bounds of its schema."),
    Consequence("ROB-08", "FIL-16", "An empty location_id is one of the invalid parameters."),
    Consequence(
        "ROB-02",
        "ROB-04",
        "Names in another notation are unknown names, and one of them has no value.",
    ),
    Consequence(
        "RET-04 ROB-01", "ROB-12", "The id with a suffix or a matrix parameter is a malformed id."
    ),
    # Organisations
    Consequence(
        "ORG-01",
        "ORG-0[249]",
        "An id that is revealed is told from an unknown one, by GET and by HEAD, and after its owner.",
    ),
    Consequence("ORG-0[23]", "ORG-04", "HEAD has the status and headers that differ in GET."),
    Consequence(
        "ORG-03", "ENV-13", "The header that is missing is one that responses should have."
    ),
    Consequence("ORG-04", "ORG-09", "HEAD reveals the id also after its owner has retrieved it."),
    Consequence("ORG-05", "ORG-12", "The foreign records are at the end of the list."),
    Consequence(
        "ORG-06",
        "ORG-07 ORG-10",
        "The filtered list is one of those that this requirement speaks of.",
    ),
    Consequence("ORG-08", "ORG-06", "The list of the foreign location has foreign profiles."),
    Consequence("ORG-09", "ORG-0[12]", "The cache returns the profile to every later retrieve."),
    Consequence(
        "ORG-10", "ROB-02", "The page of the URL with further parameters is cached as well."
    ),
    Consequence("ORG-14", "ORG-05", "The cookie selects the other organisation's list."),
    Consequence("ORG-01", "ORG-14", "The id is revealed with a condition as without one."),
    Consequence(
        "ORG-09",
        "ORG-15",
        "Both keys request the profile at the same time, and one of them fills the cache.",
    ),
    Consequence("ORG-10", "ORG-0[567]", "The cached page has the other organisation's profiles."),
    Consequence("ORG-12", "ORG-05", "The pages past the end have foreign profiles."),
    Consequence(
        "ORG-12", "ORG-07", "has_more of a search counts foreign profiles that hold the term."
    ),
    Consequence(
        "ORG-06",
        "FIL-0[23678] PAG-13 SRCH-10",
        "The filtered list has records that the list without filters lacks.",
    ),
    Consequence("ORG-07", "SRCH-10", "The search finds profiles that no filter lists."),
    Consequence("ORG-0[78]", "PAG-0[69]", "The empty page promises more records."),
    Consequence(
        "ORG-12",
        "PAG-0[1236789] PAG-1[123]",
        "The list does not end where its records end, or its last page has other records.",
    ),
    Consequence(
        "ORG-12 PAG-12", "RET-01 ORG-05 ORG-12", "Pages have records of another organisation."
    ),
    Consequence(
        "ROB-01",
        "AUTH-* ENV-13 LIM-* PAG-* FIL-* SRCH-* RET-* ORG-* RO-* ROB-*",
        "The server error takes the place of the response that the requirement is about.",
    ),
)


def reason(cause: str, effect: str) -> str | None:
    """Return why a fault that breaks ``cause`` makes ``effect`` fail, None if no entry says so."""
    return next((item.reason for item in TABLE if item.explains(cause, effect)), None)
