"""The tabs that work in the latent spaces: moved points, sums of sentences, neighbours."""

from __future__ import annotations

from collections.abc import Iterator

from tests.monkey.looking import Case, Mismatch


def traversal(case: Case) -> Iterator[Mismatch]:
    yield from ()


def arithmetic(case: Case) -> Iterator[Mismatch]:
    yield from ()


def neighbours(case: Case) -> Iterator[Mismatch]:
    yield from ()
