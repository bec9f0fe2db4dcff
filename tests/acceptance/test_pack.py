"""A pack is only made of a report that follows from its transcript, and names no person."""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.acceptance import archive
from conformance.acceptance.names import CONTRACT, TRANSCRIPT
from conformance.recording import seal
from conformance.reference import seed
from conformance.reference.server import EmbeddedServer
from conformance.report.store import FORMS, JSON_NAME
from tests.acceptance.conftest import CLAIM, Made
from tests.support.in_process import call
from tests.support.leaks import Echoing, pieces
from tests.support.servers import OTHER_KEY, OWN_KEY, keys_for, recorded


@pytest.fixture
def folder(made: Made, tmp_path: Path) -> Path:
    """A folder with a copy of the report, to be changed."""
    shutil.copytree(made.folder / "report", tmp_path / "report")
    return tmp_path


def refused(folder: Path, *arguments: str) -> str:
    """Return why a report cannot be packed: in one line, with status 2, and without a file."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    ended = call(folder, "pack", "report", *arguments)
    assert ended.status == 2, ended.text
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    return ended.complaint()


def test_the_pack_has_the_name_of_the_report(folder: Path) -> None:
    """Also if the report is named by the link reports/latest, and has the name of a host."""
    (folder / "report").rename(folder / "20260302T101504Z-staging.example.com")
    (folder / "latest").symlink_to("20260302T101504Z-staging.example.com")
    ended = call(folder, "pack", f"latest/{JSON_NAME}")
    assert ended.status == 0, ended.text
    assert (folder / "20260302T101504Z-staging.example.com.zip").is_file()
    assert ended.out.strip().endswith("-staging.example.com.zip")


def test_a_report_that_cannot_be_read_is_refused(folder: Path) -> None:
    path = folder / "report" / JSON_NAME
    data = path.read_bytes()
    path.write_bytes(data[:-300])
    assert "report.json was cut short or edited" in refused(folder)
    path.write_bytes(b'{"id": 1}')
    assert "report.json is not a report of this suite" in refused(folder)
    path.write_bytes(data.replace(b'"format": 2', b'"format": 3'))
    assert "format" in refused(folder)
    path.unlink()
    assert "report.json cannot be read: No such file" in refused(folder)
    shutil.rmtree(folder / "report")
    assert "cannot be read: No such file" in refused(folder)


def test_a_report_of_another_version_is_refused(folder: Path) -> None:
    path = folder / "report" / JSON_NAME
    result = json.loads(path.read_bytes())
    result["suite"]["version"] = "0.1.7"
    path.write_bytes(FORMS[JSON_NAME](result))
    assert "version 0.1.7 of this suite made the report" in refused(folder)


def test_the_report_of_an_incomplete_run_is_refused(folder: Path) -> None:
    path = folder / "report" / JSON_NAME
    sound = json.loads(path.read_bytes())
    stopped = {"verdict": "incomplete", "interrupted": True, "exit_status": 130}
    path.write_bytes(FORMS[JSON_NAME](sound | stopped))
    assert "the run was interrupted" in refused(folder)
    path.write_bytes(FORMS[JSON_NAME](sound | {"verdict": "error", "exit_status": 5}))
    assert "an error of the suite itself" in refused(folder)


def test_a_report_without_its_transcript_is_refused(folder: Path, made: Made) -> None:
    path = folder / "report" / TRANSCRIPT
    path.unlink()
    assert "--no-transcript" in refused(folder)
    path.write_bytes(made.contents[TRANSCRIPT][:-3000])
    assert "cut short or edited" in refused(folder)
    path.write_bytes(made.contents[TRANSCRIPT])
    content = seal.load(path)
    del content["entries"][-1]
    seal.save(content, path)
    assert "does not follow from its transcript, or another build" in refused(folder)


def test_a_run_with_show_data_is_refused(folder: Path) -> None:
    """Its files name people."""
    shutil.rmtree(folder / "report")
    options = ("--depth", "smoke", "--report-dir", "report", "--quiet", "--show-data")
    assert call(folder, "run", *options).status == 0
    assert "made with --show-data" in refused(folder)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file"),
        ("{}", "claimant"),
        (CLAIM.replace("2999", "2020"), "is in the past"),
    ],
)
def test_a_claim_that_cannot_be_used_is_refused(
    folder: Path, content: str | None, words: str
) -> None:
    if content is not None:
        (folder / "claim.yaml").write_text(content)
    assert words in refused(folder, "--claim", "claim.yaml")


def test_an_output_that_cannot_be_written_is_refused(folder: Path) -> None:
    """A pack that exists is kept."""
    (folder / "claim.yaml").write_text(CLAIM)
    assert "does not end in .zip" in refused(folder, "-o", "claim.yaml")
    assert "absent/it.zip cannot be written" in refused(folder, "-o", "absent/it.zip")
    (folder / "taken.zip").mkdir()
    (folder / "taken.zip" / "it").touch()
    assert "taken.zip cannot be written" in refused(folder, "-o", "taken.zip")


def texts(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each file of a pack without escapes, then the zip file itself."""
    for name, data in archive.unpacked(path).items():
        text = data.decode("utf-8")
        for _ in range(2):  # a body in the transcript is JSON within JSON
            text = re.sub(r"\\+u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)
        yield name, html.unescape(text).lower()
    yield path.name, path.read_bytes().decode("latin-1").lower()


def test_a_pack_names_no_person(tmp_path: Path) -> None:
    """Of a complete run, whose searches ask for names, on a server whose people are known."""
    ended = call(tmp_path, "run", "--report-dir", "report", "--quiet")
    assert ended.status == 0, ended.text
    ended = call(tmp_path, "pack", "report")
    assert ended.status == 0, ended.text
    public = archive.unpacked(tmp_path / "report.zip")[CONTRACT].decode().lower()
    known = {
        value.lower()
        for row in seed.build().clinicians()
        for value in (
            row.name,
            row.display_name,
            row.email,
            row.registration_number,
            row.bio,
            row.photo_url,
        )
        if value and len(value) > 6 and value.lower() not in public
    }
    assert len(known) > 1000
    for name, text in texts(tmp_path / "report.zip"):
        # Seven digits may be a part of a duration by chance, so that a number counts as a whole only.
        numbers = set(re.findall(r"(?<![\d.])\d{7,}(?![\d.])", text))
        held = [item for item in known if (item in numbers if item.isdigit() else item in text)]
        assert held == [], name
        assert str(tmp_path).lower() not in text, name
        assert "@example.nhs.uk" not in text or name == CONTRACT


def test_a_pack_holds_no_key(tmp_path: Path) -> None:
    """Of a server that echoes keys everywhere."""
    with EmbeddedServer(recorded(Echoing())) as server:
        options = ("--depth", "smoke", "--report-dir", "report", "--quiet")
        call(tmp_path, "run", *options, **keys_for(server.base_url))
    ended = call(tmp_path, "pack", "report")
    assert ended.status == 0, ended.text
    for name, text in texts(tmp_path / "report.zip"):
        held = [piece for key in (OWN_KEY, OTHER_KEY) for piece in pieces(key) if piece in text]
        assert held == [], name
