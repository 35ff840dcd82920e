"""What stands in the first stage of a training: the text that is chosen, how it is to be read, what was seen of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from psygnal import SignalGroupDescriptor

from app.core.values import Stage
from engine.corpus.preview.values import Preview

GIVEN = ("valid", "test", "vocabulary_file")
"""The fields of a draft that hold files beside its source."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A text and how it is to be prepared.

    `source` is the path of a file or folder, "" while none is chosen; `columns` are those that are read, none while the
    reading chooses them, as it does while `separator` and `encoding` are None; `kept` are those that stay beside the
    sentences, None while the reading chooses them; `words` is "given" or "lower" where they
    are cut already, "cut" where they are to be cut, "" while that is found out; `valid`, `test` and `vocabulary_file`
    are files that are given beside the source, "" where none is; `typed_name` is None until a person has named the
    corpus.
    """

    source: str = ""
    columns: tuple[str, ...] = ()
    kept: tuple[str, ...] | None = None
    separator: str | None = None
    encoding: str | None = None
    words: str = ""
    valid: str = ""
    test: str = ""
    vocabulary_file: str = ""
    typed_name: str | None = None
    min_words: int = 5
    max_words: int = 30
    vocabulary: int = 20_000
    test_percent: int = 10

    @property
    def files(self) -> dict[str, str]:
        """The files that are given beside the source, by their fields; "" for none."""
        return {key: getattr(self, key) for key in GIVEN}


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
