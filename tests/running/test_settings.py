"""Settings: their sources, the order of sources, and the errors for invalid values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.contract.cases import Depth
from conformance.errors import UsageError
from conformance.running.layers import resolve
from conformance.running.settings import FILE, Settings
from conformance.running.table import SETTINGS
from tests.support.resolving import KEY, KEYS, URL, refused, settings_from

UUID = "3d1c1d2e-6d0f-4b59-9a43-0f8a4f2f7c11"


def test_defaults_without_settings(tmp_path: Path) -> None:
    assert settings_from(tmp_path) == Settings()
    assert Settings().max_requests == 300
    assert Settings().depth is Depth.STANDARD


LAYERS = [
    ("base_url", "http://flag/v1", "http://env/v1", "http://file/v1", "base_url"),
    ("depth", "deep", "smoke", "standard", "depth"),
    ("max_requests", "11", "12", 13, "max_requests"),
    ("seed", "1", "2", 3, "seed"),
    ("report_dir", "one", "two", "three", "report_dir"),
    ("foreign_id", (UUID,), UUID.replace("3d", "3e"), [UUID.replace("3d", "3f")], "foreign_ids"),
    ("location_id", (UUID,), UUID.replace("3d", "3e"), [UUID.replace("3d", "3f")], "location_ids"),
    ("known_id", (UUID,), UUID.replace("3d", "3e"), [UUID.replace("3d", "3f")], "known_ids"),
    (
        "other_location_id",
        (UUID,),
        UUID.replace("3d", "3e"),
        [UUID.replace("3d", "3f")],
        "other_location_ids",
    ),
    ("quiet", True, "false", False, "quiet"),
    ("allow_incomplete", True, "0", False, "allow_incomplete"),
    ("transcript", True, "0", False, "transcript"),
    ("show_data", True, "0", False, "show_data"),
]


@pytest.mark.parametrize(
    ("name", "flag", "variable", "in_file", "attribute"), LAYERS, ids=[row[0] for row in LAYERS]
)
def test_a_flag_overrides_the_environment_which_overrides_the_file(
    tmp_path: Path, name: str, flag: Any, variable: str, in_file: Any, attribute: str
) -> None:
    environment = KEYS | {f"CONFORMANCE_{name.upper()}": variable}
    literal = str(in_file).lower() if isinstance(in_file, bool) else repr(in_file)
    file = f"{name} = {literal}"

    def settled(*layers: str) -> Any:
        settings = settings_from(
            tmp_path,
            {name: flag} if "flag" in layers else {name: None},
            environment if "environment" in layers else KEYS,
            file if "file" in layers else "",
        )
        return getattr(settings, attribute)

    alone = [settled(layer) for layer in ("flag", "environment", "file")]
    assert settled("flag", "environment", "file") == alone[0]
    assert settled("environment", "file") == alone[1]
    assert settled() == getattr(Settings(), attribute)
    if not isinstance(in_file, bool):
        assert len({repr(value) for value in alone}) == 3


def test_key_files_are_read_from_all_three_sources(tmp_path: Path) -> None:
    for name in ("flag", "environment", "file"):
        (tmp_path / name).write_text(f"pk_test_{name}\n", "utf-8")
    flags = {"base_url": URL, "api_key_file": str(tmp_path / "flag")}
    environment = {"CONFORMANCE_API_KEY_FILE": str(tmp_path / "environment")}
    file = f"api_key_file = '{tmp_path / 'file'}'"
    assert settings_from(tmp_path, flags, environment, file).api_key == "pk_test_flag"
    del flags["api_key_file"]
    assert settings_from(tmp_path, flags, environment, file).api_key == "pk_test_environment"
    assert settings_from(tmp_path, flags, {}, file).api_key == "pk_test_file"


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    environment = {f"CONFORMANCE_{name.upper()}": "" for name in SETTINGS}
    assert settings_from(tmp_path, {}, environment) == Settings()


def test_an_empty_flag_is_an_error(tmp_path: Path) -> None:
    """``--base-url "$UNSET"`` must not judge the embedded server instead."""
    assert refused(tmp_path, {"base_url": ""}, KEYS).startswith("--base-url: ")


@pytest.mark.parametrize(
    "text",
    [
        URL,
        f"{URL}/",
        f"{URL}//",
        f"  {URL}\n",
        f"{URL}/clinician-profiles",
        f"{URL}/clinician-profiles/",
        f"{URL}//clinician-profiles",
    ],
)
def test_a_base_url_may_have_slashes_or_the_path_of_the_list_at_its_end(
    tmp_path: Path, text: str
) -> None:
    assert settings_from(tmp_path, {"base_url": text}, KEYS).base_url == URL


def test_the_embedded_server_has_keys_of_its_own(tmp_path: Path) -> None:
    settings = settings_from(tmp_path, {}, KEYS | {"CONFORMANCE_OTHER_API_KEY": "pk_test_b"})
    assert (settings.base_url, settings.api_key, settings.other_api_key) == (None, None, None)


def test_keys_are_not_shown(tmp_path: Path) -> None:
    settings = settings_from(
        tmp_path, {"base_url": URL}, KEYS | {"CONFORMANCE_OTHER_API_KEY": "pk_b_1"}
    )
    assert settings.api_key == KEY
    assert settings.other_api_key == "pk_b_1"
    assert KEY not in repr(settings)
    assert "pk_b_1" not in repr(settings)


def test_foreign_ids_are_lists_in_every_form(tmp_path: Path) -> None:
    two = UUID.replace("3d", "3e")
    wanted = (UUID, two)
    assert settings_from(tmp_path, {"foreign_id": wanted}).foreign_ids == wanted
    for text in (f"{UUID},{two}", f"{UUID} {two}", f" {UUID},\n{two} "):
        assert settings_from(tmp_path, {}, {"CONFORMANCE_FOREIGN_ID": text}).foreign_ids == wanted
    # The letter case is kept: the target may compare ids case-sensitively.
    assert settings_from(tmp_path, {"foreign_id": (UUID.upper(),)}).foreign_ids == (UUID.upper(),)
    assert settings_from(tmp_path, file=f"foreign_id = ['{UUID}', '{two}']").foreign_ids == wanted
    assert settings_from(tmp_path, file=f"foreign_id = '{UUID}'").foreign_ids == (UUID,)


BAD_URLS = {
    "no scheme": "api.example.org/api-v1",
    "port for scheme": "localhost:8000/api-v1",
    "another scheme": "ftp://api.example.org/api-v1",
    "no host": "https:///api-v1",
    "a bracket": "http://[::1/api-v1",
    "no address": "http://[nonsense]/api-v1",
    "a port too high": "http://localhost:99999/api-v1",
    "a port in letters": "http://localhost:http/api-v1",
    "a query": f"{URL}?limit=1",
    "a fragment": f"{URL}#list",
    "credentials": "https://user:secret@api.example.org/api-v1",
    "white space": "https://api.example.org/api v1",
    "a line end": "https://api.example.org/api\nv1",
    "white space in the host": "https://api example.org/api-v1",
    "a host of dots": "https://api..example.org/api-v1",
    "a host too long": f"https://{'a' * 300}/api-v1",
}


@pytest.mark.parametrize("text", BAD_URLS.values(), ids=list(BAD_URLS))
def test_an_invalid_base_url_is_refused(tmp_path: Path, text: str) -> None:
    line = refused(tmp_path, {"base_url": text}, KEYS)
    assert line.startswith("--base-url: ")
    assert "secret" not in line


BAD_FLAGS = [
    ("depth", "fast", "smoke, standard or deep"),
    ("max_requests", "0", "at least 1"),
    ("max_requests", "-5", "at least 1"),
    ("max_requests", "many", "whole number"),
    ("max_requests", "1.5", "whole number"),
    ("seed", "-1", "at least 0"),
    ("seed", "", "whole number"),
    ("foreign_id", ("42",), "UUID"),
    ("foreign_id", (UUID, UUID.replace("-", "")), "UUID"),
    ("location_id", (f"{{{UUID}}}",), "UUID"),
    ("api_key_file", "absent", "No such file"),
    ("api_key_file", "", ""),
    ("other_api_key_file", ".", "directory"),
]


@pytest.mark.parametrize(("name", "value", "hint"), BAD_FLAGS)
def test_the_error_for_an_invalid_flag_names_it_and_says_what_is_valid(
    tmp_path: Path, name: str, value: Any, hint: str
) -> None:
    line = refused(tmp_path, {"base_url": URL, name: value}, KEYS)
    assert line.startswith(f"--{name.replace('_', '-')}: ")
    assert hint in line


BAD_VARIABLES = [
    ("CONFORMANCE_BASE_URL", "api.example.org", "https://"),
    ("CONFORMANCE_DEPTH", "fast", "smoke, standard or deep"),
    ("CONFORMANCE_MAX_REQUESTS", "0", "at least 1"),
    ("CONFORMANCE_SEED", "x", "whole number"),
    ("CONFORMANCE_FOREIGN_ID", f"{UUID};{UUID}", "UUID"),
    ("CONFORMANCE_LOCATION_ID", "surgery", "UUID"),
    ("CONFORMANCE_ALLOW_INCOMPLETE", "maybe", "true nor false"),
    ("CONFORMANCE_QUIET", "2", "true nor false"),
    ("CONFORMANCE_API_KEY_FILE", "absent", "No such file"),
    ("CONFORMANCE_API_KEY", "pk_test_ä", "ASCII"),
    ("CONFORMANCE_API_KEY", "pk_test_a pk_test_b", "one word"),
    ("CONFORMANCE_API_KEY", "pk_test_a\r\nX-Header: 1", "one word"),
    ("CONFORMANCE_API_KEY", " ", "--api-key-file"),
]


@pytest.mark.parametrize(("name", "value", "hint"), BAD_VARIABLES)
def test_the_error_for_an_invalid_variable_names_it_and_says_what_is_valid(
    tmp_path: Path, name: str, value: str, hint: str
) -> None:
    line = refused(
        tmp_path, {}, {"CONFORMANCE_BASE_URL": URL, "CONFORMANCE_API_KEY": KEY, name: value}
    )
    assert line.startswith(name)
    assert hint in line
    assert name != "CONFORMANCE_API_KEY" or not value.strip() or value not in line


BAD_FILES = [
    ("base_url = 5", "base_url", "https://"),
    ("seed = 1.5", "seed", "whole number"),
    ("seed = true", "seed", "whole number"),
    ("max_requests = [1]", "max_requests", "whole number"),
    ("depth = 1", "depth", "smoke, standard or deep"),
    ("quiet = 'perhaps'", "quiet", "true nor false"),
    ("foreign_id = 5", "foreign_id", "UUID"),
    ("foreign_id = [5]", "foreign_id", "UUID"),
    ("location_id = [['x']]", "location_id", "UUID"),
    ("report_dir = 5", "report_dir", ""),
    ("report_dir = ['a']", "report_dir", ""),
    ("api_key_file = ['a']", "api_key_file", ""),
    ("base_url =", "", "cannot be read"),
    ("base_url = 'a'\nbase_url = 'b'", "", "cannot be read"),
]


@pytest.mark.parametrize(("text", "name", "hint"), BAD_FILES)
def test_the_error_for_an_invalid_value_in_the_file_says_what_is_valid(
    tmp_path: Path, text: str, name: str, hint: str
) -> None:
    line = refused(tmp_path, {}, KEYS, text)
    assert line.startswith(f"{FILE}: {name}")
    assert hint in line


@pytest.mark.parametrize("content", [b"\xff\xfe", b"seed = 1\x00"], ids=["no text", "NUL"])
def test_a_file_that_is_not_toml_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(UsageError, match=r"^conformance\.toml: cannot be read"):
        resolve({}, tmp_path)


@pytest.mark.parametrize(
    "text", ["base-url = 'x'", "BASE_URL = 'x'", "api_keys = 1", "[target]\nbase_url = 'x'"]
)
def test_an_unknown_key_of_the_file_is_refused(tmp_path: Path, text: str) -> None:
    line = refused(tmp_path, file=text)
    assert line.startswith(f"{FILE}: unknown setting ")
    assert all(name in line for name in SETTINGS)


@pytest.mark.parametrize("name", ["api_key", "other_api_key"])
def test_a_key_in_the_file_is_refused_without_showing_it(tmp_path: Path, name: str) -> None:
    line = refused(tmp_path, file=f"{name} = '{KEY}'")
    assert line.startswith(f"{FILE}: {name}: ")
    assert "environment" in line
    assert f"{name}_file" in line


@pytest.mark.parametrize("content", ["", "\n", "a\nb\n"], ids=["empty", "a line end", "two lines"])
def test_a_key_file_holds_one_key(tmp_path: Path, content: str) -> None:
    (tmp_path / "key").write_text(content, "utf-8")
    line = refused(tmp_path, {"base_url": URL, "api_key_file": str(tmp_path / "key")})
    assert line.startswith("--api-key-file: ")


def test_the_same_key_twice_is_refused(tmp_path: Path) -> None:
    line = refused(tmp_path, {"base_url": URL}, KEYS | {"CONFORMANCE_OTHER_API_KEY": KEY})
    assert "CONFORMANCE_OTHER_API_KEY" in line
    assert "--foreign-id" in line


def test_a_target_without_a_key_is_refused(tmp_path: Path) -> None:
    for environment in ({}, {"CONFORMANCE_OTHER_API_KEY": KEY}):
        line = refused(tmp_path, {"base_url": URL}, environment)
        assert line.startswith("CONFORMANCE_API_KEY is not set")
        assert "--api-key-file" in line
