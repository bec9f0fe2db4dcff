"""``conformance compare``: what changed between two runs on one target."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from conformance.cli.output import printing, say
from conformance.errors import UsageError
from conformance.text.wording import be, plural

OTHER_TARGET = "--other-target"
Command = TypeVar("Command", bound=Callable[..., Any])


def form_option(*forms: str) -> Callable[[Command], Command]:
    """Return the option that says what is printed: the first of the forms unless it is given."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(forms),
        default=forms[0],
        show_default=True,
        help="What is printed.",
    )


def report_dir_option(names: str) -> Callable[[Command], Command]:
    """Return the option for the directory of files with these names."""
    return click.option(
        "--report-dir",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help=f"Directory for {names}.",
    )


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@form_option("text", "markdown", "json", "html")
@report_dir_option("compare.json, compare.md and compare.html")
@click.option(OTHER_TARGET, is_flag=True, help="Compare reports of two targets.")
@click.option("--strict", is_flag=True, help="Exit with status 1 for lost coverage too.")
def compare(
    old: Path, new: Path, form: str, report_dir: Path | None, other_target: bool, strict: bool
) -> int:
    """Say what changed between two runs on one target.

    OLD and NEW are directories of reports, or their report.json. Latency is compared if both have a
    transcript.

    \b
    Exit status: 0 no regression, 1 a regression, 2 usage or reports that cannot be compared.
    """
    from conformance.comparison import compare as comparing
    from conformance.comparison import forms
    from conformance.comparison import latency as timing
    from conformance.comparison.check import check_schema
    from conformance.comparison.reading import read_report
    from conformance.report import make_console

    results = read_report(old, "OLD"), read_report(new, "NEW")
    comparing.check_comparable(*results, ("OLD", "NEW"), "" if other_target else OTHER_TARGET)
    document = comparing.compare(*results)
    latency = timing.compare(old, new)
    if isinstance(latency, str):
        document["notes"].append(latency)
    else:
        document["latency"] = latency
        slower = sum(row["change"] == "slower" for row in latency["kinds"])
        if slower:
            document["reason"] += f" {plural(slower, 'kind')} of requests {be(slower)} slower."
    check_schema(document, "compare")
    make: dict[str, Callable[..., str]] = {
        "json": forms.as_json,
        "markdown": forms.markdown,
        "html": forms.page,
    }
    if report_dir is not None:
        names = {"compare.json": "json", "compare.md": "markdown", "compare.html": "html"}
        keep(report_dir, names, make, document)
    with printing():
        if form == "text":
            forms.show(document, make_console())
        else:
            click.echo(make[form](document), nl=False)
    if report_dir is not None and form == "text":
        say(f"Written to {report_dir}")
    lost = any(row["level"] == "must" for row in document["requirements"]["lost"])
    return 1 if document["regression"] or (strict and lost) else 0


def keep(
    directory: Path,
    names: Mapping[str, str],
    make: Mapping[str, Callable[..., str]],
    document: Mapping[str, Any],
) -> None:
    """Write the forms of a document into a directory, with the page of requirements that they lead to.

    :param names: name of a file → its form.
    :param make: form → function that makes it.
    :raises UsageError: if one cannot be written.
    """
    from conformance.report import requirements
    from conformance.text.files import write

    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, form in names.items():
            text = make[form](document, linked=True) if form == "html" else make[form](document)
            write(directory / name, text.encode("utf-8", "backslashreplace"))
        write(directory / requirements.NAME, requirements.page())
    except OSError as problem:
        raise UsageError(
            f"--report-dir: {directory} cannot be written: {problem.strerror}; choose another directory"
        ) from None
