"""A selection of the test sentences that the numbers are taken over. No torch.

What is measured of a sentence does not depend on the others, so a selection costs nothing: numbers are taken over the
measured sentences that are in it, pairs over those with both ends in it. Samples of the prior are no test sentences.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.corpus.store import Corpus
from engine.corpus.vocabulary import UNK
from engine.errors import LoomError, UsageError
from engine.evaluation.measures.definitions import PICKED
from engine.selections.chosen import NONE, Chosen
from engine.storage.column_conditions import numbers_that
from engine.storage.columns import Columns

_SHOWN = 40
"""Signs of a category in a message."""
_RANGE = re.compile(r"(\d*)-(\d*)|(\d+)")
TOKENS = "tokens"
"""What a typed condition calls the length of a sentence."""
LENGTH = "length"
"""What the search of the maps calls it, as in length:5..8."""
_VALUE = r'(?:"((?:[^"]|"")*)"|(\S+))'


@dataclass(frozen=True, slots=True)
class Selection:
    """Which sentences; all conditions hold together.

    Attributes:
        containing: words that a sentence has, each of them, in small letters.
        least, most: tokens that it has at least and at most; 0 for no limit.
        where: what is kept beside it, a column and what is wanted of it each.
        picked: those that were picked one by one, as on a map; `NONE` for no such condition.
    """

    containing: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    where: tuple[tuple[str, str], ...] = ()
    picked: Chosen = NONE

    @classmethod
    def of(cls, containing: str = "", tokens: str = "", where: Sequence[str] = ()) -> Selection:
        """From what a person typed.

        Args:
            containing: words with spaces between.
            tokens: "5-10", "5-", "-10" or "7".
            where: "label=positive", "stars=>3", "stars=2..4".

        Raises:
            UsageError: `tokens` is no range, or a condition names no column.
        """
        found = _RANGE.fullmatch(tokens.strip())
        if tokens.strip() and (found is None or tokens.strip() == "-"):
            raise UsageError(f"--tokens {tokens!r} is no range.", "Write it like 5-10, 12- or -8.")
        least, most = 0, 0
        if found is not None and tokens.strip():
            least, most = (int(part or 0) for part in ((found[3], found[3]) if found[3] else (found[1], found[2])))
            if (found[2] or found[3]) and not most:
                raise UsageError("No sentence has 0 tokens.", "Write it like 5-10, 12- or -8.")
        if most and least > most:
            raise UsageError(f"No sentence has {least} to {most} tokens.", f"Write --tokens {most}-{least}.")
        pairs = [tuple(part.strip() for part in each.partition("=")[::2]) for each in where]
        for each, (column, wanted) in zip(where, pairs, strict=True):
            if not column or not wanted:
                raise UsageError(f"--where {each!r} is no condition.", "Write it like label=positive or stars=2..4.")
        return cls(tuple(containing.split()), least, most, tuple((column, wanted) for column, wanted in pairs))

    @classmethod
    def typed(cls, text: str, columns: Sequence[str], picked: Chosen = NONE) -> Selection:
        """From one line, as in `dog tokens:5-10 label:positive label:"so so"`: words, and conditions on what is beside.

        Args:
            text: what a person typed.
            columns: what is kept beside the sentences; one that is called `tokens` hides the length.
            picked: what `PICKED` in it stands for.

        Raises:
            UsageError: a length is no range, something before a colon names no column, or nothing was picked.
        """
        if PICKED in text.split():
            if not picked.count:
                raise UsageError("Nothing is selected on the maps.", "Select some sentences there first.")
            rest = " ".join(word for word in text.split() if word != PICKED)
            return replace(cls.typed(rest, columns), picked=picked)
        known = {column.casefold(): column for column in columns}
        tokens, where, rest = "", [], text
        for name in sorted({*known, TOKENS, LENGTH}, key=len, reverse=True):
            pattern = re.compile(rf"(?<!\S){re.escape(name)}:\s*{_VALUE}", re.IGNORECASE)
            for found in pattern.finditer(rest):
                value = found[2] or found[1].replace('""', '"')
                if name in known:
                    where.append(f"{known[name]}={value}")
                elif tokens:
                    raise UsageError("Two lengths are given.", "Give one, as in tokens:5-10.")
                else:
                    tokens = value.replace("..", "-")
            rest = pattern.sub(" ", rest)
        odd = next((word for word in rest.split() if len(word) > 1 and ":" in word), None)
        if odd is not None:
            named = odd.partition(":")[0] or odd
            raise UsageError(
                f"{named!r} is nothing that a sentence is chosen by.",
                f"Choose by words, by tokens:5-10, and by what is kept beside them: {', '.join(columns)}."
                if columns
                else "Choose by words or by tokens:5-10; nothing is kept beside the sentences.",
            )
        try:
            return cls.of(rest.casefold(), tokens, where)
        except UsageError as error:
            raise UsageError(
                error.message.replace("--tokens ", "tokens:"), error.hint.replace("--tokens ", "tokens:")
            ) from None

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Selection:
        """As `as_json` wrote it."""
        where = tuple((column, wanted) for column, wanted in document.get("where", ()))
        least, most = document.get("least", 0), document.get("most", 0)
        picked = Chosen(**document["picked"]) if "picked" in document else NONE
        return cls(tuple(document.get("containing", ())), least, most, where, picked)

    def as_json(self) -> dict[str, Any]:
        """Its conditions; {} for all sentences."""
        where = [list(pair) for pair in self.where]
        picked = asdict(self.picked) if self.picked.count else {}
        words = list(self.containing)
        found = {"containing": words, "least": self.least, "most": self.most, "where": where, "picked": picked}
        return {name: value for name, value in found.items() if value}

    def __bool__(self) -> bool:
        return bool(self.as_json())

    def describe(self) -> str:
        """In words; "" for all sentences."""
        parts = []
        if self.containing:
            parts.append("with " + " and ".join(f"“{word}”" for word in self.containing))
        if self.least or self.most:
            limits = f"{self.least or 1} to {self.most}" if self.most else f"{self.least} or more"
            parts.append(f"of {limits} tokens")
        if self.where:
            parts.append("where " + " and ".join(f"{column} is {wanted}" for column, wanted in self.where))
        if self.picked.count:
            parts.append("that were selected on the maps")
        return " ".join(parts)

    def chosen(self, corpus: Corpus, n: int) -> NDArray[np.bool_]:
        """Which of the first n test sentences are in it, (n,).

        Raises:
            LoomError: none is, a word is not in the vocabulary, or there is no such column.
        """
        lengths = corpus.test.lengths[:n]
        inside = (lengths >= self.least) & ((lengths <= self.most) if self.most else True)
        ids, offsets = corpus.test.block(0, n)
        for word in self.containing:
            index = corpus.vocabulary.encode([word])[0]
            if index == UNK:
                raise LoomError(
                    f"{word!r} is not in the vocabulary, so no sentence is known to have it.",
                    "Choose another word, as the models read it: in small letters, *do* and *n't* apart.",
                )
            hits = np.add.reduceat(np.asarray(ids == index, dtype=np.int64), offsets[:-1])
            inside &= hits > 0
        if self.picked.count:
            if not self.picked.is_of(corpus.fingerprint, len(corpus.test)):
                raise LoomError(
                    "What was selected on the maps is of other sentences.", "Select on the maps of this run."
                )
            inside &= self.picked.mask()[:n]
        if self.where:
            if not corpus.kept:
                raise LoomError(
                    f"Nothing is kept beside the sentences of corpus {corpus.name!r}.",
                    "Prepare it from a table: python main.py corpus FILE --keep COLUMN --name NAME",
                )
            with corpus.columns("test") as columns:
                for column, wanted in self.where:
                    inside &= have(columns, column, wanted)[:n]
        if not inside.any():
            raise LoomError(
                f"None of the first {n:,} test sentences is among those {self.describe()}.",
                "Choose other conditions, or measure more with a larger --limit.",
            )
        return inside


def have(columns: Columns, name: str, wanted: str) -> NDArray[np.bool_]:
    """Which sentences have in a column what is wanted, (n,).

    Raises:
        LoomError: there is no such column, or none of its values can be meant.
    """
    kinds = {column.name: column.kind for column in columns.all}
    if name not in kinds:
        raise LoomError(f"No column {name!r} is kept beside the sentences.", f"There are {', '.join(kinds) or 'none'}.")
    if kinds[name] == "category":
        there = columns.categories(name)
        found = [at for at, value in enumerate(there.values) if value.casefold() == wanted.casefold()]
        if not found:
            known = ", ".join(value if len(value) <= _SHOWN else f"{value[:_SHOWN]}..." for value in there.values[:10])
            raise LoomError(f"No sentence has {wanted!r} in {name}.", f"There are {known}.")
        return np.isin(there.codes, found)
    numbers = numbers_that(columns.numbers(name), wanted)
    if numbers is None:
        raise LoomError(f"{name} holds numbers, and {wanted!r} is none.", f"Write it like {name}=3, {name}=>3 or 2..4.")
    return numbers
