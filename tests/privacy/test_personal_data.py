"""No file and no output of a run contains personal data, except with --show-data."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.responses import Response

from conformance.contract.cases import Case
from conformance.faults.breaches.isolation_lists import ForeignWordHasMore
from conformance.faults.breaches.search import EmailNotSearched
from conformance.recording import har
from conformance.reference import seed
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.refusals import Refusal
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Row, Store
from conformance.report.store import FORMS
from conformance.running.run import run
from conformance.running.settings import Settings
from tests.support.in_process import call
from tests.support.marks import broad
from tests.support.servers import OTHER_KEY, OWN_KEY, Ended, canned, keys_for, recorded

PEOPLE = list(seed.build().clinicians())
MEMBERS = ("name", "display_name", "email", "photo_url", "registration_number")


def personal() -> Iterator[str]:
    """Values that must not appear; single words are left out, since they may be words of the suite."""
    for person in PEOPLE:
        for member in MEMBERS:
            value = getattr(person, member)
            if value and (" " in value or member not in ("name", "display_name")):
                yield value
        if person.first_name and person.last_name:
            yield f"{person.first_name} {person.last_name}"


def written(value: str) -> set[str]:
    """The spellings of a value in the formats of the files."""
    forms = {
        value,
        json.dumps(value)[1:-1],
        quote(value),
        quote(value, safe=""),
        html.escape(value),
    }
    return {form.lower() for form in forms}


VALUES = {value: written(value) for value in sorted(set(personal()))}
SURNAMES = sorted({person.last_name for person in PEOPLE if person.last_name})
SURNAME = re.compile(
    rf"(?<![^\W_])(?:{'|'.join(map(re.escape, SURNAMES))})(?![^\W_])", re.IGNORECASE
)


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", text))


WORDS = {form: words(form) for forms in VALUES.values() for form in forms}


def contains(text: str, value: str) -> bool:
    """Whether a text contains the value, and not only as a part of a longer word or number."""
    at = text.find(value)
    while at >= 0:
        end = at + len(value)
        if not any(map(str.isalnum, text[max(0, at - 1) : at] + text[end : end + 1])):
            return True
        at = text.find(value, at + 1)
    return False


def shown(ended: Ended, *, own: bool = True) -> list[str]:
    """The values that were shown, each with its file or stream."""
    places = {"output": ended.out, "errors": ended.err}
    for path in (ended.folder / "reports" / "latest").iterdir():
        places[path.name] = path.read_text("utf-8")
    found = [
        f"{place}: {value}"
        for place, text in places.items()
        for low in [text.lower()]
        for present in [words(low)]
        for value, forms in VALUES.items()
        # A value between word boundaries has all of its words in the text, which is fast to check.
        if any(WORDS[form] <= present and contains(low, form) for form in forms)
    ]
    # A transcript has no text of the suite, so there single words count too.
    text = json.dumps(json.loads(places[har.NAME]), ensure_ascii=False)
    return found + [f"{har.NAME}: {name}" for name in sorted(set(SURNAME.findall(text)))]


class Telling(EmailNotSearched, ForeignWordHasMore):
    """Sends names in members outside of the contract, in errors and in headers, and tells terms apart."""

    def profile(self, row: Row) -> Body:
        profile = super().profile(row)
        known_as = {"spoken": row["name"], "mail": [row["email"], {"again": row["email"]}]}
        return profile | {"full_name": row["name"], "contact": known_as, "friends": [row["name"]]}

    def error_body(self, context: Context, refusal: Refusal) -> Body:
        body = super().error_body(context, refusal)
        texts = [getattr(person, name) for person in PEOPLE[::9] for name in MEMBERS]
        body["error"]["message"] += f" Did you mean {', '.join(filter(None, texts))}?"
        body["error"]["details"] = [{"field": PEOPLE[0].name, "message": PEOPLE[1].last_name}]
        return body

    def finish(self, context: Context, response: Response) -> Response:
        response = super().finish(context, response)
        person = next(item for item in PEOPLE if item.email and item.name.isascii())
        response.headers["X-Served-To"] = f"{person.name} <{person.email}>"
        response.headers["Link"] = f"<https://example.com/{quote(str(person.photo_url))}>"
        return response


def telling() -> ClinicianApi:
    return Telling(Store.seeded(), RateLimiter())


@pytest.mark.parametrize(
    ("server", "depth"),
    [("telling", "smoke"), *broad(("telling", "standard"), ("correct", "standard"))],
)
def test_files_and_output_contain_no_personal_data(tmp_path: Path, server: str, depth: str) -> None:
    app = recorded(telling() if server == "telling" else None)
    with EmbeddedServer(app) as target:
        ended = call(tmp_path, "run", "--depth", depth, **keys_for(target.base_url))
    found = server == "telling" and depth == "standard"  # a smoke run does not see its faults
    assert ended.status == (1 if found else 0), ended.text
    names = {path.name for path in (tmp_path / "reports" / "latest").iterdir()}
    assert names == {*FORMS, har.NAME}
    assert shown(ended) == []
    replayed = call(
        tmp_path / "replay", "run", "--replay", str(tmp_path / "reports" / "latest" / har.NAME)
    )
    times = {"started_at": "", "finished_at": ""}
    assert {**replayed.report(), **times} == {**ended.report(), **times}


@pytest.mark.broad
def test_output_of_pytest_contains_no_personal_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cases: list[Case]
) -> None:
    monkeypatch.chdir(tmp_path)
    with EmbeddedServer(recorded(telling())) as server:
        for show in (False, True):
            settings = Settings(server.base_url, OWN_KEY, OTHER_KEY, show_data=show)
            report = run(settings, cases)
            ended = report.outcome_of("test_whole_email_finds_the_profile")
            assert ended.failed
            assert ("%40example.nhs.uk" in ended.text) is show
            assert ("search=masked-email-" in ended.text) is not show


def test_address_in_a_redirect_is_masked(tmp_path: Path) -> None:
    """Even though an untestable run has received no profile."""
    app = canned(302, "", ("location", "https://sso.example.org/?user=ann@example.org"))
    with EmbeddedServer(app) as server:
        ended = call(tmp_path, "run", **keys_for(server.base_url))
    assert ended.status == 4, ended.text
    files = [path.read_text("utf-8") for path in (tmp_path / "reports" / "latest").iterdir()]
    assert len(files) == len(FORMS) + 1
    assert not any("ann@" in text for text in (*files, ended.text))


@pytest.mark.broad
def test_show_data_shows_personal_data(tmp_path: Path) -> None:
    with EmbeddedServer(recorded(telling())) as target:
        ended = call(tmp_path, "run", "--show-data", **keys_for(target.base_url))
    assert ended.status == 1, ended.text
    found = shown(ended)
    places = {item.split(":")[0] for item in found}
    assert places >= {"report.json", "report.html", "junit.xml", har.NAME}
    assert sum(item.startswith(har.NAME) for item in found) > 0.9 * (len(VALUES) + len(SURNAMES))
