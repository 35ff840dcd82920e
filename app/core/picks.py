"""What one place of the window sends to another: a sentence, or points of the latent spaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

MIME = "application/x-latent-loom-pick"
"""The kind of a dragged `Pick`; it travels with plain text beside it, for other programs."""

Point = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Pick:
    """A sentence, or one point z a variant.

    Attributes:
        text: the sentence; of points, what they are decoded to, or in short what they are.
        z: the point (latent,) of each variant. Empty for a sentence: whoever takes it encodes it.
        how: how the points were made, from which they can be made again; empty for a sentence.
        index: the test sentence that `text` is, or -1.
        sentences: what each variant made of it, where that is known already: a row of the table.
        search: how these sentences were found, as in "beam 10".
    """

    text: str
    z: Mapping[str, Point] = field(default_factory=dict)
    how: str = ""
    index: int = -1
    sentences: Mapping[str, str] = field(default_factory=dict)
    search: str = ""

    @property
    def is_point(self) -> bool:
        """Whether points are sent and not a sentence."""
        return bool(self.z)

    @property
    def label(self) -> str:
        """On one line, with points told from sentences, as in "point: step 4 of A → B"."""
        return f"point: {self.text}" if self.is_point else self.text

    def to_json(self) -> str:
        """As text, for a drag."""
        import json

        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Pick | None:
        """What `to_json` wrote; None for anything else, as another program may drop what it likes."""
        import json

        try:
            given: Any = json.loads(text)
            z = {str(name): tuple(float(x) for x in point) for name, point in given["z"].items()}
            sentences = {str(name): str(text) for name, text in given["sentences"].items()}
            rest = int(given["index"]), sentences, str(given["search"])
            return cls(str(given["text"]), z, str(given["how"]), *rest)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None


NOTHING = Pick("")
"""What an empty field holds."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere a `Pick` can go: a tab of the bench, and a slot of it where it has several."""

    tab: str
    slot: str = ""

    @property
    def label(self) -> str:
        """As a menu says it."""
        return f"{self.tab}, {self.slot}" if self.slot else self.tab
