"""The page of requirements that the package keeps is the one that this checkout makes."""

from __future__ import annotations

from conformance.contract.document import Contract, document_path, load
from conformance.faults.variant import Variant
from conformance.plugin import collect
from conformance.proof import requirements_page
from conformance.proof.catalogue import CORRECT
from conformance.report import requirements
from tests.support.page import Page


def test_the_kept_page_is_the_one_of_this_checkout() -> None:
    assert requirements.page() == requirements_page.current(), "run make docs"


def test_an_entry_has_what_a_reader_asks_for() -> None:
    found = {
        row.requirement.id: row
        for rows in requirements_page.entries(load(), collect(), [_fault("PAG-04")]).values()
        for row in rows
    }
    assert list(found) == list(load().requirements)
    entry = found["PAG-04"]
    assert (entry.severity, entry.since) == ("data loss", None)
    assert [fault.name for fault in entry.faults] == ["a-fault"]
    assert entry.judged_by
    assert all(row.text.endswith(".") and row.depth for row in entry.judged_by)
    assert found["FIL-15"].since == "1.1.0"
    assert not found["AUTH-11"].judged_by
    assert found["AUTH-11"].requirement.not_tested


def test_texts_are_escaped_and_a_contract_without_documents_has_no_link() -> None:
    source = document_path().read_text("utf-8")
    source = source.replace("externalDocs:", "x-documents:").replace(
        "A whole word of `name` finds the profile.", "<b>`</code>` &amp; finds"
    )
    contract = Contract(source.encode())
    page = Page(requirements_page.render(contract, [], []).decode())
    assert "<b></code> &amp; finds" in page.text
    assert not [href for href in page.all("href") if href.startswith("http")]


def _fault(requirement: str) -> Variant:
    return Variant("a-fault", "A fault.", CORRECT.api, requirement=requirement)
