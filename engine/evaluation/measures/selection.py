"""A selection of the test sentences that the numbers are taken over. No torch.

What is measured of a sentence does not depend on the others, so a selection costs nothing: numbers are taken over the
measured sentences that are in it, pairs over those with both ends in it. Samples of the prior are no test sentences.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.corpus.store import Corpus
from engine.errors import LoomError, UsageError
from engine.evaluation.measures.definitions import PICKED
from engine.runs.corpus_of_run import corpus_path
from engine.runs.run import Run
from engine.selections.chosen import NONE, Chosen
from engine.selections.conditions import Conditions, read_as_words, read_line, read_options
from engine.selections.meeting import meeting
from engine.storage.files import settled
from engine.storage.kept_values import Beside, KeptValues
from engine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Selection:
    """Which sentences.

    Attributes:
        line: conditions of which they meet one; () for no such condition.
        picked: those that were picked one by one, as on a map, which meet that too; `NONE` for no such condition.
    """

    line: tuple[Conditions, ...] = ()
    picked: Chosen = NONE

    @classmethod
    def of(
        cls,
        containing: str = "",
        tokens: str = "",
        where: Sequence[str] = (),
        beside: Mapping[str, KeptValues] | None = None,
    ) -> Selection:
        """From the options of a command.

        Args:
            containing: a line, see `engine.selections.conditions`.
            tokens: "5-10", "5-", "-10" or "7".
            where: "label=positive", "stars=>3", "stars=2..4".
            beside: the columns that are kept beside the sentences.

        Raises:
            UsageError: something is no condition.
        """
        return cls(read_options(containing, "", tokens, where, beside or {}))

    @classmethod
    def typed(cls, text: str, beside: Mapping[str, KeptValues], picked: Chosen = NONE) -> Selection:
        """From one line.

        Args:
            text: what a person typed, see `engine.selections.conditions`; also `PICKED`.
            beside: the columns that are kept beside the sentences.
            picked: what `PICKED` in it stands for.

        Raises:
            UsageError: something is no condition, or nothing was picked.
        """
        if PICKED in text.split():
            if not picked.count:
                raise UsageError("Nothing is selected on the maps.", "Select some sentences there first.")
            rest = " ".join(word for word in text.split() if word != PICKED)
            return replace(cls.typed(rest, beside), picked=picked)
        return cls(read_line(text, beside))

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Selection:
        """As `as_json` wrote it."""
        line = tuple(filter(None, map(Conditions.from_json, document.get("any", [document]))))
        return cls(line, Chosen(**document["picked"]) if "picked" in document else NONE)

    def as_json(self) -> dict[str, Any]:
        """Its conditions; {} for all sentences."""
        every = [each.as_json() for each in self.line]
        found = every[0] if len(every) == 1 else {"any": every} if every else {}
        return found | ({"picked": asdict(self.picked)} if self.picked.count else {})

    def __bool__(self) -> bool:
        return bool(self.as_json())

    def describe(self) -> str:
        """In words; "" for all sentences."""
        parts = [" or ".join(each.describe() for each in self.line)] if self.line else []
        if self.picked.count:
            parts.append("that were selected on the maps")
        return ", ".join(parts) if len(self.line) > 1 else " ".join(parts)

    def chosen(self, corpus: Corpus, n: int) -> NDArray[np.bool_]:
        """Which of the first n test sentences are in it, (n,).

        Raises:
            LoomError: none is, or there is no such column or value.
        """
        inside = np.ones(n, np.bool_)
        if self.line:
            *_, met = meeting(self.line, _First(corpus, n), corpus.test.lengths, beside_test(corpus))
            inside &= np.asarray(met)
        if self.picked.count:
            if not self.picked.is_of(corpus.fingerprint, len(corpus.test)):
                raise LoomError(
                    "What was selected on the maps is of other sentences.", "Select on the maps of this run."
                )
            inside &= self.picked.mask()[:n]
        if not inside.any():
            words = read_as_words(text for each in self.line for text in each.holding)
            raise LoomError(
                f"None of the first {n:,} test sentences is among those {self.describe()}.",
                f"{words} Choose other conditions, or measure more sentences.".strip(),
            )
        return inside


@dataclass(frozen=True, slots=True)
class _First:
    """The first n test sentences of a corpus."""

    corpus: Corpus
    n: int

    def sentences(self, rows: slice) -> Sequence[str]:
        """Those of a slice."""
        return self.corpus.test_texts()[rows]


def beside_test(corpus: Corpus) -> Beside:
    """The columns beside the test sentences of a corpus."""
    return Beside(corpus.kept, lambda: corpus.columns("test"))


def beside_run(run: Run, workspace: Workspace) -> Mapping[str, KeptValues]:
    """The columns beside the test sentences of a run; none where its corpus, the demo's, is not made yet.

    Raises:
        LoomError: the corpus is missing, or another one has its name.
    """
    path = corpus_path(run, workspace)
    return beside_test(Corpus.open(path)) if (settled(path) / "corpus.json").exists() else {}
