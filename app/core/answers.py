"""How the results of a request, one by one, change what is shown. Pure functions of frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from app.core.requests import Answer, Failure, Result, TypedWords
from app.core.values import Decoded, Series

_Series = TypeVar("_Series", bound=Series)
_Found = TypeVar("_Found")


def without(found: Mapping[str, _Found], variant: str) -> dict[str, _Found]:
    """What was found, but for that of one variant."""
    return {name: each for name, each in found.items() if name != variant}


def take_decoded(before: Decoded, result: Result | None, problem: str = "") -> Decoded:
    """`before` with one more result; None is the end of them, with what went wrong, if anything did.

    A variant that cannot answer has nothing: what it made of the sentence before is gone with its failure.
    """
    match result:
        case TypedWords(words, unknown):
            return replace(before, words=words, unknown=unknown)
        case Answer(variant, readings, path):
            spots = without(before.spots, variant) | ({variant: path[0]} if path else {})
            found, failed = {**before.readings, variant: readings[0]}, without(before.failed, variant)
            return replace(before, readings=found, spots=spots, failed=failed)
        case Failure(variant, reason):
            kept, spots = without(before.readings, variant), without(before.spots, variant)
            return replace(before, readings=kept, spots=spots, failed={**before.failed, variant: reason})
        case None:
            return replace(before, busy=False, problem=problem)


def take_series(before: _Series, result: Result | None, problem: str = "") -> _Series:
    """As `take_decoded`, for several sentences a variant."""
    match result:
        case Answer(variant, readings):
            failed = without(before.failed, variant)
            return replace(before, readings={**before.readings, variant: readings}, failed=failed)
        case Failure(variant, reason):
            kept = without(before.readings, variant)
            return replace(before, readings=kept, failed={**before.failed, variant: reason})
        case None:
            return replace(before, busy=False, problem=problem)
        case _:
            return before
