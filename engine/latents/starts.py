"""Where an operation on the latent space begins: at a typed sentence under each variant, or at a given point."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.decoding.options import DecodeOptions
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.runs.typed import Typed
    from engine.session import Session

Floats = NDArray[np.float32]

MOST_ROWS = 1001
"""Sentences of one request at most."""


@dataclass(frozen=True, slots=True)
class Given:
    """A point that comes from elsewhere than from a typed sentence.

    Args:
        z: (latent,), for every variant or by variant.
        how: from which it can be had again, such as "z ~ N(0, I), draw 3 of seed 7"; the numbers themselves if empty.
    """

    z: Floats | Mapping[str, Floats]
    how: str = ""


Source = str | Given
"""A typed sentence, or a point."""


@dataclass(frozen=True, slots=True)
class Start:
    """A source under one variant: its z (latent,), and q(z|x) and the words where it is a sentence."""

    variant: str
    z: Floats
    mu: Floats | None
    logvar: Floats | None
    typed: Typed | None
    how: str


def starts(
    session: Session, source: Source, variants: Sequence[str] | None = None, sample: bool = False, seed: int = 0
) -> dict[str, Start]:
    """Where each variant puts a source.

    Args:
        session: the models.
        source: a sentence, or a point.
        variants: which; all that could be loaded if None.
        sample: take z ~ q(z|x) of a sentence instead of its mean.
        seed: of that draw.

    Raises:
        LoomError: a variant could not be loaded.
        UsageError: no word in the text or too many, a point that is not finite or not of the models' width; a variant
            is unknown, or the point is not given for it.
    """
    names = tuple(variants or session.variants)
    if isinstance(source, str):
        typed = session.typed(source)
        text = quoted(source)
        how = f"z ~ q(z|x) of {text} with seed {seed}" if sample else f"mu of {text}"
        return {
            name: Start(name, each.z, each.mu, each.logvar, typed, how)
            for name, each in session.encode(source, names, sample, seed).items()
        }
    return {name: _given(session, source, name) for name in names}


def check_point(z: Floats, latent: int, variant: str = "this run") -> None:
    """Refuse what is no point of a latent space of so many dimensions.

    Raises:
        UsageError: z has another shape, or is not finite.
    """
    if z.shape != (latent,):
        given = f"{z.size} number{'s' * (z.size != 1)}" if z.ndim == 1 else f"shape {z.shape}"
        raise UsageError(f"This point has {given}; a z of {variant} has {latent} numbers.", f"Give {latent} of them.")
    if not np.isfinite(z).all():
        raise UsageError("This point is not a finite vector.", "Choose another point.")


def quoted(text: str) -> str:
    """A text in quotes on one line, whatever is in it."""
    return json.dumps(readable(text), ensure_ascii=False)


def readable(text: str) -> str:
    """The text with question marks for what is none: a terminal may hand over bytes that are no text."""
    return text.encode("utf-8", "replace").decode("utf-8")


def checked_values(values: Sequence[float], what: str) -> tuple[float, ...]:
    """The numbers of a request.

    Args:
        values: to be checked.
        what: one of them is called.

    Raises:
        UsageError: there are none or too many, or one is not finite.
    """
    numbers = tuple(float(value) for value in values)
    if not numbers or len(numbers) > MOST_ROWS or not np.isfinite(numbers).all():
        raise UsageError(f"There must be 1 to {MOST_ROWS} finite {what}s.", f"Give each {what} as a number.")
    return numbers


def listed(values: Iterable[float]) -> str:
    """Numbers with as many digits as give them back."""
    return ", ".join(str(value).removesuffix(".0") for value in values)


def line(session: Session, variant: str, what: str, decoder: DecodeOptions) -> str:
    """The line from which a result can be made again."""
    return f"{model_name(session, variant)}: {what}; {decoder.describe()}"


def model_name(session: Session, variant: str) -> str:
    """A run, the step of its checkpoint where that is not the newest, and the variant, such as demo@4000/vae."""
    at = f"@{session.step}" if session.step is not None else ""
    return f"{session.run.name}{at}/{variant}"


def _given(session: Session, source: Given, variant: str) -> Start:
    if isinstance(source.z, Mapping):
        if variant not in source.z:
            raise UsageError(f"This point is not given for {variant}.", "Choose a point of this variant.")
        z = source.z[variant]
    else:
        z = source.z
    check_point(z, session.model(variant).latent, variant)
    single = z.astype(np.float32)
    return Start(variant, single, None, None, None, source.how or f"z = [{listed(single)}]")
