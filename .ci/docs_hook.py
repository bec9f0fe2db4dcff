"""Adds the pages that are made from openapi.yaml to the site of the documents."""

from __future__ import annotations

from typing import Any

from mkdocs.structure.files import File

from conformance.report import requirements


def on_files(files: Any, config: Any) -> Any:
    """Add the generated pages, so that links to them are checked."""
    files.append(File.generated(config, requirements.NAME, content=requirements.page()))
    return files
