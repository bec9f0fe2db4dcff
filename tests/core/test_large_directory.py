"""A directory that is too large to be walked raises no alarm; what cannot be predicted is inconclusive."""

from __future__ import annotations

from conformance.faults.trial import collect, judged
from conformance.reference.server import EmbeddedServer
from conformance.target import Target


def test_what_was_not_walked_is_not_predicted() -> None:
    with EmbeddedServer(clinicians=5000) as server:
        target = Target(server.base_url, server.own_key, server.other_key)
        result, problem = judged(target, collect())
    assert problem is None
    assert [
        row["id"] for row in result["requirements"] if row["outcome"] in ("failed", "warned")
    ] == []
    assert (result["verdict"], result["exit_status"]) == ("incomplete", 3)
    assert result["requests"]["by_identity"]["own"] <= 300
    reasons = {row["id"]: row["reason"] for row in result["requirements"]}
    assert "too many to be walked" in reasons["FIL-01"]
    assert "too many to be walked" in reasons["SRCH-07"]
