"""``waivers.yaml``: what is read, and which line each error names."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from conformance.contract.document import load
from conformance.errors import UsageError
from conformance.waivers.edit import add
from conformance.waivers.file import Waiver, parse, read
from tests.support.processes import ROOT

IDS = ("PAG-03", "PAG-04", "FIL-08")
DAY = date(2026, 11, 28)
GOOD = """\
# Agreed in the weekly meeting.
$schema: waivers.schema.json
waivers:
  - requirement: PAG-03   # the old list
    owner: Data team
    reason: "Planned: with the new list"
    ticket: API-17
    expires: 2027-01-31

  - requirement: FIL-08
    fingerprint: FIL-08/list/is_active+location_id/unexpected
    owner: Search team
    reason: |
      Two lines
      of reason
    expires: '2027-02-28'
  # The end.
"""


def waivers_of(tmp_path: Path, text: str, day: date = DAY) -> tuple[Waiver, ...]:
    path = tmp_path / "waivers.yaml"
    path.write_text(text, "utf-8", newline="")
    return read(path, IDS, day)


def test_a_good_file_is_read(tmp_path: Path) -> None:
    first, second = waivers_of(tmp_path, GOOD)
    assert (first.requirement, first.owner, first.ticket) == ("PAG-03", "Data team", "API-17")
    assert (first.expires, first.line) == (date(2027, 1, 31), 4)
    assert second.subject == "FIL-08/list/is_active+location_id/unexpected"
    assert waivers_of(tmp_path, "waivers: []\n") == waivers_of(tmp_path, "waivers:\n") == ()


def test_a_waiver_holds_on_its_last_day(tmp_path: Path) -> None:
    assert len(waivers_of(tmp_path, GOOD, date(2027, 1, 31))) == 2
    with pytest.raises(
        UsageError, match=r"line 4: the waiver of PAG-03 expired on 2027-01-31.*Data team"
    ):
        waivers_of(tmp_path, GOOD, date(2027, 2, 1))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("PAG-03 ", "PAG-05 ", "line 4: PAG-05 is not a requirement of the contract: is it PAG-0"),
        ("PAG-03 ", "pag-03 ", "line 4: requirement: "),
        ("owner: Data team", "onwer: Data team", "line 4: .*onwer"),
        ("    ticket: API-17\n    expires: 2027-01-31\n", "", "line 4: .*expires"),
        ("expires: 2027-01-31", "expires: 2027-02-31", "line 8: expires: 2027-02-31 is not a date"),
        ("expires: 2027-01-31", "expires: soon", "line 8: expires: "),
        ("    ticket: API-17", "    owner: Another team", "line 7: owner is given twice"),
        ("FIL-08/list", "PAG-03/list", "line 10: PAG-03/list.* is not a fingerprint of FIL-08"),
        ("fingerprint: FIL-08/list/", "fingerprint: FIL-08 list ", "line 11: fingerprint: "),
        ("requirement: PAG-03", "requirement: [", "line [0-9]+: it is not YAML"),
        ("waivers:", "waiver:", "line 2: .*waiver"),
        ("reason: |", "reason: *x\n    y: |", "it is not YAML|aliases"),
        ("ticket: API-17", "ticket: 17", "line 7: ticket: "),
        ("owner: Data team", "owner: ' '", "line 5: owner: "),
    ],
)
def test_an_error_names_its_line(tmp_path: Path, old: str, new: str, why: str) -> None:
    assert old in GOOD
    with pytest.raises(UsageError, match=why) as problem:
        waivers_of(tmp_path, GOOD.replace(old, new, 1))
    assert "\n" not in str(problem.value)


def test_the_same_waiver_twice_is_an_error(tmp_path: Path) -> None:
    entry = GOOD[GOOD.index("  - requirement: PAG-03") : GOOD.index("  - requirement: FIL-08")]
    with pytest.raises(UsageError, match="line 10: PAG-03 is waived in line 4 already"):
        waivers_of(
            tmp_path, GOOD.replace("  - requirement: FIL-08", f"{entry}  - requirement: FIL-08")
        )


@pytest.mark.parametrize("content", [b"", b"\xff", b"[1, 2]", b"&a [*a]", b"\x00", b"a: b: c"])
def test_a_foreign_file_is_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "waivers.yaml"
    path.write_bytes(content)
    with pytest.raises(UsageError) as problem:
        read(path, IDS, DAY)
    assert "\n" not in str(problem.value)
    assert "waivers.yaml" in str(problem.value)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read(tmp_path / "none.yaml", IDS, DAY)


NEW = Waiver(
    "PAG-04", 'O\'Brien: "it"', "# no comment, [not] {a} list: é", date(2027, 3, 31), ticket="- 1"
)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.rstrip("\n"),
        "waivers:\n- requirement: PAG-03\n  owner: A\n  reason: B\n  expires: 2027-01-31\n$schema: x\n",
        "waivers: []\n# after\n",
        "waivers:   # none yet\n$schema: x\n",
        "waivers: null",
    ],
    ids=["good", "crlf", "no newline at the end", "list first", "brackets", "nothing", "null"],
)
def test_an_entry_is_added_and_all_else_stays(tmp_path: Path, text: str) -> None:
    path = tmp_path / "waivers.yaml"
    path.write_text(text, "utf-8", newline="")
    before = parse(text, path)
    line = add(path, NEW)
    with path.open(encoding="utf-8", newline="") as file:
        changed = file.read()
    *others, added = parse(changed, path)
    assert [item.subject for item in others] == [item.subject for item in before]
    assert (added.owner, added.reason, added.ticket) == (NEW.owner, NEW.reason, NEW.ticket)
    assert added.expires == NEW.expires
    assert changed.splitlines()[line - 1].strip() == "- requirement: PAG-04"
    kept = [item for item in text.splitlines() if "waivers:" not in item]
    assert [item for item in changed.splitlines() if item in kept] == kept
    with pytest.raises(
        UsageError, match=f"line {line}: PAG-04 is waived already, until 2027-03-31"
    ):
        add(path, NEW)


def test_a_list_in_brackets_is_left_to_the_user(tmp_path: Path) -> None:
    path = tmp_path / "waivers.yaml"
    text = "waivers: [{requirement: PAG-03, owner: A, reason: B, expires: 2027-01-31}]\n"
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError, match="line 1: the list is in brackets"):
        add(path, NEW)
    assert path.read_text("utf-8") == text


def test_the_example_of_the_documents_is_read(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "compare.md").read_text("utf-8")
    example = page.split("```yaml\n")[1].split("```")[0]
    path = tmp_path / "waivers.yaml"
    path.write_text(example, "utf-8")
    assert len(read(path, load().requirements.keys(), DAY)) == 2
