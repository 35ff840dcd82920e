"""Refusing options that were given and mean nothing beside others: somebody may mean another thing by them."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from types import MappingProxyType

import typer

from engine.errors import UsageError

_GIVEN: ContextVar[Mapping[str, str]] = ContextVar("given", default=MappingProxyType({}))
"""Options on the command line as they are written, by the parameters that they are of."""


def note_given(context: typer.Context) -> None:
    """Remember which options were given, even where a value is the default."""
    given = {}
    for each in context.command.params:
        source = context.get_parameter_source(each.name or "")
        if each.name and source is not None and source.name == "COMMANDLINE":
            negated = each.secondary_opts and context.params.get(each.name) is False
            given[each.name] = max(each.secondary_opts if negated else each.opts, key=len)
    _GIVEN.set(given)


def refuse_given(because: str, *parameters: str) -> None:
    """Refuse options that were given, as they mean nothing in this case.

    Args:
        because: why, such as "--list makes no map".
        parameters: of the command.

    Raises:
        UsageError: one of them was given; the first of `parameters` is told.
    """
    option = next((_GIVEN.get()[each] for each in parameters if each in _GIVEN.get()), None)
    if option is not None:
        raise UsageError(f"{because}, so {option} means nothing here.", f"Leave {option} out.")
