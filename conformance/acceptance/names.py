"""Names and sizes of the files of a pack."""

from __future__ import annotations

from typing import Final

from conformance.recording import har
from conformance.report.store import FORMS, JSON_NAME

FORMAT: Final = 1
REPORT: Final = JSON_NAME
TRANSCRIPT: Final = har.NAME
CONTRACT: Final = "openapi.yaml"
CLAIM: Final = "claim.json"
VERSIONS: Final = "versions.json"
PAGE: Final = "acceptance.html"
MANIFEST: Final = "SHA256SUMS"
SIGNATURE: Final = "SHA256SUMS.sig"

REQUIRED: Final = frozenset({*FORMS, TRANSCRIPT, CONTRACT, VERSIONS, PAGE, MANIFEST})
OPTIONAL: Final = frozenset({CLAIM, SIGNATURE})
UNLISTED: Final = frozenset({MANIFEST, SIGNATURE})
"""Files that the manifest does not list: itself, and the signature of it."""

_MIB = 1024 * 1024
LARGEST: Final = {
    TRANSCRIPT: 256 * _MIB,
    CLAIM: _MIB // 16,
    VERSIONS: _MIB // 16,
    SIGNATURE: _MIB // 16,
}
"""The most bytes that a file of a pack may have; the others may have :data:`LARGEST_OTHER`."""
LARGEST_OTHER: Final = 32 * _MIB
LARGEST_PACK: Final = 384 * _MIB
