"""Requests that each variant answers for itself: one that cannot leaves the others undisturbed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import LoomError

if TYPE_CHECKING:
    from engine.session import Session


@dataclass(frozen=True, slots=True)
class Refused:
    """Why one variant could not answer, and what a person can do about it."""

    variant: str
    message: str
    hint: str = ""

    @classmethod
    def of(cls, variant: str, error: LoomError) -> Refused:
        """The refusal that an error of this variant means."""
        return cls(variant, error.message, error.hint)


def asked(session: Session, variants: Sequence[str] | None) -> tuple[str, ...]:
    """The variants that are to answer: those named, or all that the session was loaded for, also those that failed."""
    if variants is not None:
        return tuple(variants)
    known = {*session.variants, *session.failed}
    return tuple(variant.name for variant in session.run.variants if variant.name in known)
