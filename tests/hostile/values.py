"""Values that a hostile target puts where others belong."""

from __future__ import annotations

from typing import Any

MARK = "hq7zk"
"""A word that no file of a run has outside of escaped text."""

NASTY = (
    *(
        "",
        " ",
        "\0",
        "\x1b[31mred\x1b[0m\x07",
        "\u202egnp.exe",
        "\ufeff",
        "\ufffe",
        "\u2028",
        "\r\n\t",
    ),
    *("\ud800", "\udfff", "a\ud83d@example.org", "\U0001f600" * 50, "ß" * 300, "º" * 3000, "٣٤٥"),
    *(f"<script>{MARK}()</script>", f"<img src=x onerror={MARK}>", f"]]><{MARK}/>", "&amp;&#0;"),
    *(f"'; touch {MARK}; '", f"$(touch {MARK})", f"`touch {MARK}`", f'"; touch {MARK}; "', "\\"),
    *(
        "[bold red]:smile:[/]",
        "{{ 7 * 7 }}",
        "{% raw %}",
        "%s%n%(x)s",
        "{0.__class__}",
        "__proto__",
    ),
    *(
        "a-" * 3000,
        "1." * 3000,
        "ip-" * 2000,
        'near "' * 1000,
        "at " * 2000,
        "x" * 20_000,
        "a@" * 2000,
    ),
    *("2026-13-45T99:99:99Z", "0000-00-00T00:00:00Z", "9999-12-31T23:59:60-23:59", "NaN", "null"),
    *("../..", "http://[", "javascript:alert(1)", "//", "mailto:a@example.org"),
    *("00000000-0000-4000-8000-000000000000", "a" * 70_000, "²³", "1e5", "-1", "True"),
)
DISCLOSING = (
    "Traceback (most recent call last)",
    "SELECT * FROM users WHERE 1=1",
    "/home/app/x.py:1",
)
"""What only errors hold: as a part of a name it would be hidden in the transcript."""

VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1.5,
        10**18,
        -(10**300),
        1e307,
        [],
        {},
        [[]],
        {"": {}},
        [None] * 50,
    ),
    *({"id": None}, ["a", {"b": []}], {"data": {"data": {}}}, {"name": "Ann", "password": "x"}),
)
STATUSES = (
    *(
        200,
        200,
        200,
        201,
        204,
        206,
        226,
        299,
        300,
        301,
        302,
        304,
        307,
        399,
        400,
        401,
        402,
        403,
        404,
    ),
    *(
        405,
        406,
        409,
        410,
        414,
        418,
        422,
        429,
        431,
        451,
        499,
        500,
        501,
        503,
        505,
        511,
        599,
        600,
        999,
    ),
)
NAMES = (
    *(
        "content-type",
        "location",
        "date",
        "age",
        "etag",
        "retry-after",
        "set-cookie",
        "x-request-id",
    ),
    *("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "allow", "vary", "link"),
    *("www-authenticate", "content-encoding", "cache-control", "x-total-count", "content-range"),
    *("strict-transport-security", "alt-svc", "refresh", "warning", "x-odd"),
)
HEADER_VALUES = (
    *(
        "",
        " ",
        "\xe9\xff",
        "0",
        "-1",
        "9" * 30,
        "²",
        "nan",
        "x" * 5000,
        ",",
        ";",
        '"',
        "a=b; c=" * 500,
    ),
    *(
        "application/json",
        "application/json; charset=utf-16",
        "application/json;;;charset",
        "/",
        "*/*",
    ),
    *(
        "text/html",
        "application/json; charset=" + "\xe9",
        "gzip",
        "deflate, gzip",
        "br",
        "gzip, gzip",
    ),
    *(
        "Wed, 99 Foo 9999 99:99:99 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "0.5",
        "1e9",
        "1000;w=3600",
    ),
    *(
        "javascript:alert(1)",
        "mailto:a@example.org",
        "urn:x",
        "about:blank",
        "http:foo",
        "http://[",
    ),
    *(
        f"<script>{MARK}</script>",
        f"$({MARK})",
        "Bearer",
        "a=b; Max-Age=99999999999999999999",
        "?0",
    ),
)
