"""Where settings come from: flags, then the environment, then ``conformance.toml``, layered by click."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from conformance.errors import UsageError
from conformance.running import completion
from conformance.running.setting import Kind, Setting
from conformance.running.settings import FILE, Given, Settings, settings_of
from conformance.running.table import SETTINGS, TABLE

Command = TypeVar("Command", bound=Callable[..., Any])

_KEYS = ("api_key", "other_api_key")
_HELP_OPTIONS = frozenset({"-h", "--help"})


class SettingOption(click.Option):
    """An option for one row of the table. Its value is a :class:`Given`, or None if no layer gives it."""

    def __init__(self, row: Setting) -> None:
        flag = row.flag if row.kind is not Kind.ON_OR_OFF else f"{row.flag}/--no-{row.flag[2:]}"
        default = f" Default: {row.default}." if row.default else ""
        super().__init__(
            [flag],
            metavar=row.metavar,
            help=f"{row.help}{default}",
            multiple=row.kind is Kind.LIST,
            is_flag=row.kind in (Kind.SWITCH, Kind.ON_OR_OFF),
            type=click.BOOL if row.kind in (Kind.SWITCH, Kind.ON_OR_OFF) else click.UNPROCESSED,
            default=None,
            envvar=row.variable if "environment" in row.layers else None,
        )
        self.row = row

    def value_from_envvar(self, ctx: click.Context) -> Any:
        """Return the variable's text as it is: lists are split by what parses them."""
        return self.resolve_envvar_value(ctx)

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:  # noqa: ARG002 (click's signature)
        """Return the variable's text; an empty variable is not set."""
        return os.environ.get(str(self.envvar)) or None if self.envvar else None

    def type_cast_value(self, ctx: click.Context, value: Any) -> Given | None:
        """Return the value with the name under which the user gave it."""
        row, source = self.row, ctx.get_parameter_source(str(self.name))
        if source is ParameterSource.COMMANDLINE and value != ():
            return Given(value, row.flag)
        if source is ParameterSource.ENVIRONMENT:
            return Given(value, row.variable)
        if source is ParameterSource.DEFAULT_MAP:
            return Given(value, f"{FILE}: {row.name}")
        return None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002
        """Return what a shell offers for the value."""
        return completion.of(self.row.parse, incomplete)


class SettingsCommand(click.Command):
    """A command that reads ``conformance.toml`` of the working directory."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Return the context, with the file below flags and environment."""
        # A shell that completes a command must not stumble over its file.
        if not _HELP_OPTIONS & set(args) and not extra.get("resilient_parsing"):
            extra.setdefault("default_map", read_file(Path.cwd()))
        return super().make_context(info_name, args, parent, **extra)


def setting_options(*, forecast: bool = False) -> Callable[[Command], Command]:
    """Return a decorator that gives a command an option for each setting.

    :param forecast: only those that say how a run would go, which ``doctor`` takes.
    """

    def decorate(command: Command) -> Command:
        chosen = [row for row in TABLE if "flag" in row.layers and (row.forecast or not forecast)]
        given: list[click.Parameter] = [SettingOption(row) for row in chosen]
        # click lists the parameters of decorators from the bottom up.
        known: list[click.Parameter] = getattr(command, "__click_params__", [])
        command.__click_params__ = known + given[::-1]  # type: ignore[attr-defined]
        return command

    return decorate


def resolve(flags: Mapping[str, Any], folder: Path | None = None) -> Settings:
    """Return the settings of a run that is not started by the command line.

    :param flags: setting name → value; None, empty tuples and absent names are not given.
    :param folder: directory of ``conformance.toml``, by default the working directory.
    :raises UsageError: if a setting cannot be used.
    """
    options = [SettingOption(row) for row in TABLE if "flag" in row.layers]
    command = click.Command("run", params=list(options))
    context = click.Context(command, default_map=read_file(folder or Path.cwd()))
    given = {name: value for name, value in flags.items() if value is not None and value != ()}
    for option in options:
        option.handle_parse_result(context, given, [])
    return from_context(context.params)


def from_context(parameters: Mapping[str, Given | None]) -> Settings:
    """Return the settings for a command's parameters.

    :raises UsageError: if a setting cannot be used.
    """
    return settings_of({name: item for name, item in parameters.items() if item is not None})


def read_file(folder: Path) -> dict[str, Any]:
    """Return what ``conformance.toml`` of a directory holds; nothing if there is none.

    :raises UsageError: if it cannot be read, or holds a key or an unknown setting.
    """
    path = folder / FILE
    if not path.is_file():
        return {}
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as problem:
        raise UsageError(f"{path.name}: cannot be read: {problem}") from None
    for name in content:
        if name in _KEYS:
            raise UsageError(
                f"{path.name}: {name}: a key must not be in this file: use the environment or {name}_file"
            )
        if name not in SETTINGS:
            raise UsageError(
                f"{path.name}: unknown setting {name!r}; known settings: {', '.join(SETTINGS)}"
            )
    return content
