"""Adds to the site of the documents the pages that are made from openapi.yaml: mkdocs calls `on_files`.

`reference.html` is openapi.yaml as it is, shown by Redoc, in one file that loads nothing.

Redoc shows the image of its maker from another host; the content security policy forbids that and every
other request. `make docs` installs Redoc from the lock file in this directory.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

from conformance.contract.document import load
from conformance.report import requirements

NAME = "reference.html"
BUNDLE = Path(__file__).parent / "node_modules/redoc/bundles/redoc.standalone.js"
_START = """\
"use strict";
Redoc.init(
  JSON.parse(document.getElementById("contract").textContent),
  {expandResponses: "200", hideDownloadButton: true, nativeScrollbars: true, sortPropsAlphabetically: false},
  document.getElementById("page")
);
"""
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>body {{ margin: 0; }} td code {{ white-space: nowrap; }}</style>
</head>
<body>
<div id="page"></div>
<noscript><p>The reference needs a script.
<a href="requirements.html">The requirements</a> need none.</p></noscript>
<script type="application/json" id="contract">{contract}</script>
<script>{bundle}</script>
<script>{start}</script>
</body>
</html>
"""


def on_files(files: Any, config: Any) -> Any:
    """Add the pages to the files of the site, so that mkdocs checks the links to them."""
    for name, content in ((requirements.NAME, requirements.page()), (NAME, current())):
        files.append(File.generated(config, name, content=content))
    return files


def page(bundle: str) -> bytes:
    """Return the page.

    :param bundle: the source of Redoc for a browser.
    """
    contract = load()
    document = json.dumps(contract.document, ensure_ascii=False, separators=(",", ":"))
    bundle = bundle.replace("</script", "<\\/script")
    hashes = " ".join(f"'sha256-{_digest(text)}'" for text in (bundle, _START))
    policy = (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "font-src data:; worker-src blob:; base-uri 'none'; form-action 'none'"
    )
    text = _PAGE.format(
        policy=policy,
        title=html.escape(f"{contract.title} {contract.version}"),
        # No text of the contract may end the element.
        contract=document.replace("<", "\\u003c"),
        bundle=bundle,
        start=_START,
    )
    return text.encode("utf-8")


def current() -> bytes:
    """Return the page of this checkout.

    :raises FileNotFoundError: if Redoc is not installed.
    """
    if not BUNDLE.is_file():
        raise FileNotFoundError(f"{BUNDLE} is missing: run make docs, which installs it")
    return page(BUNDLE.read_text("utf-8"))


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
