"""Texts that are changed, divided or left out, with what stands beside them kept in step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain

from engine.corpus.reading import Valued, Values


def changed(block: list[str], change: Callable[[str], str]) -> list[str]:
    """Every text changed, the values beside it as they were."""
    texts = list(map(change, block))
    return Valued(texts, block.values) if isinstance(block, Valued) else texts


def divided_up(block: list[str], parts: Callable[[str], Iterable[str]]) -> list[str]:
    """The parts of every text, none or several, each with the values of the whole."""
    if not isinstance(block, Valued):
        return list(chain.from_iterable(map(parts, block)))
    found = [list(parts(text)) for text in block]
    return Valued(
        chain.from_iterable(found),
        [values for values, texts in zip(block.values, found, strict=True) for _ in texts],
    )


def values_beside(block: list[str]) -> list[Values]:
    """What stands beside each text, () where nothing does."""
    return block.values if isinstance(block, Valued) else [()] * len(block)


class Gathered:
    """Texts gathered from several blocks."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._values: list[Values] = []
        self._valued = False

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, texts: Iterable[str], values: Values) -> None:
        """Add texts that have the same values."""
        before = len(self._texts)
        self._texts += texts
        self._values += [values] * (len(self._texts) - before)
        self._valued |= bool(values)

    def taken(self) -> list[str]:
        """All that was gathered; nothing is left."""
        texts, values = self._texts, self._values
        self._texts, self._values = [], []
        return Valued(texts, values) if self._valued else texts
