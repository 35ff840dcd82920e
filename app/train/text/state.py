"""What stands in the first stage of a training: the text that is chosen, how it is to be read, what was seen of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from psygnal import SignalGroupDescriptor

from app.core.values import Stage
from engine.corpus.preview.values import Preview


@dataclass(frozen=True, slots=True)
class Draft:
    """A text and how it is to be prepared.

    `source` is the path of a file or folder, "" while none is chosen; `column`, `separator` and `encoding` are None
    while the reading chooses them; `words` is "given" or "lower" where they are cut already, "cut" where they are to be
    cut, "" while that is found out; `typed_name` is None until a person has named the corpus.
    """

    source: str = ""
    column: str | None = None
    separator: str | None = None
    encoding: str | None = None
    words: str = ""
    typed_name: str | None = None
    min_words: int = 5
    max_words: int = 30
    vocabulary: int = 20_000
    test_percent: int = 10


@dataclass
class TextState:
    """Observable; written by the controller."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    draft: Draft = Draft()
    taken: frozenset[str] = frozenset()
    """Names of corpora that are there."""

    seen: Preview | None = None
    """What was seen of the text with these settings, so far."""

    stage: Stage = field(default_factory=Stage)
    """Of the look at the text: none, loading, failed or ready."""

    preparing: Stage = field(default_factory=Stage)
    """Of the command: none, computing or failed."""
