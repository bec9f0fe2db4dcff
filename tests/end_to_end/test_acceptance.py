"""The path of a person who accepts a product: a pack, its verification without network, the page."""

from __future__ import annotations

import html
import re
import socket
import zipfile
from pathlib import Path
from typing import NoReturn

import pytest

from conformance.contract.document import load
from conformance.proof import catalogue
from conformance.proof.trial import serving
from tests.support.in_process import call
from tests.support.processes import keys_for

CLAIM = """\
claimant: {organisation: Example Health Ltd, contact: conformance@example.com}
implementation: {vendor: Example Health Ltd, product: Example EHR, version: 4.2.1}
statement: It meets the contract.
valid_until: 2999-05-31
"""


def test_a_product_that_shows_foreign_profiles_is_not_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor, manager = tmp_path / "vendor", tmp_path / "manager"
    faults = {fault.name: fault for fault in catalogue.load(load()).faults}
    with serving(faults["foreign-past-forty-retrieved"]) as target:
        options = ("--depth", "smoke", "--report-dir", "report", "--quiet")
        ran = call(vendor, "run", *options, **keys_for(target.base_url))
    assert ran.status == 1, ran.text
    (vendor / "claim.yaml").write_text(CLAIM)
    packed = call(vendor, "pack", "report", "--claim", "claim.yaml", "-o", "it.zip")
    assert packed.status == 0, packed.text

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("the network is used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    manager.mkdir()
    (vendor / "it.zip").rename(manager / "it.zip")
    verified = call(manager, "verify", "it.zip")
    assert verified.status == 0, verified.text
    assert "non-conformant: " in verified.out

    with zipfile.ZipFile(manager / "it.zip") as file:
        page = file.read("acceptance.html").decode("utf-8")
    words = html.unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL))
    text = " ".join(words.split())
    assert "Failed At least one mandatory requirement is not met." in text
    assert "1 problem breaks what the vendor's own documents say, and 1 breaks a decision" in text
    assert "This test does not support the claim." in text
    assert re.search(r"D1 Data leak .+ Requirements: ORG-01 .*Vendor's documents", text), text
    assert re.search(r"ORG-01 .* the API reference", text)
    assert "conformance verify PACK.zip" in text
