"""Other spellings of paths: what a server normalises, ignores, or takes for another path."""

from __future__ import annotations

from urllib.parse import quote

from conformance.http.api import item_path
from conformance.http.request import COLLECTION


def paths_of(record: str) -> dict[str, str]:
    """Return other spellings of the path of a profile: name → path."""
    path = item_path(record)
    above = quote(record, safe="")
    return {
        "dot segments and doubled slash": f"{COLLECTION}/./zqx/..//{above}",
        "suffix and matrix parameter": f"{path};a=%F0%9F%A9%BA.json",
        "suffix": f"{path}.json",
        "matrix parameter": f"{path};a=b",
        "matrix parameter of the list": f"{COLLECTION};a=b/{above}",
        "doubled slash": f"{COLLECTION}//{above}",
        "dot segment": f"{COLLECTION}/./{above}",
        "dot segments from the id": f"{path}/../{above}",
        "encoded dot segments": f"{COLLECTION}/zqx%2F..%2F{above}",
        "trailing slash": f"{path}/",
        "upper-case letters": f"{COLLECTION.upper()}/{above}",
        "encoded letter": f"{COLLECTION.replace('c', '%63', 1)}/{above}",
        "backslash": f"{COLLECTION}%5C{above}",
        "version suffix": f"{path}@1",
        "space behind": f"{path}%20",
    }


LISTS = {
    "trailing slash": f"{COLLECTION}/",
    "doubled slash": f"/{COLLECTION}",
    "matrix parameter": f"{COLLECTION};a=b",
    "suffix": f"{COLLECTION}.json",
    "dot segment": f"/.{COLLECTION}",
    "dot segment behind": f"{COLLECTION}/.",
    "upper-case letters": COLLECTION.upper(),
    "encoded letter": COLLECTION.replace("c", "%63", 1),
    "encoded slash": f"{COLLECTION}%2F",
    "broken percent sign": f"{COLLECTION}/%zz",
    "broken percent sign behind": f"{COLLECTION}%",
    "beyond the basic plane": f"{COLLECTION}/%F0%9F%A9%BA",
    "overlong encoding": f"{COLLECTION}/%C0%AF",
}
"""Other spellings of the path of the list, and paths that name no profile: name → path."""
