"""What one place of the window sends to another: a sentence, or points of the latent spaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

MIME = "application/x-latent-loom-pick"
"""The kind of a dragged `Pick`; it travels with plain text beside it, for other programs."""

Point = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """Which models sentences and points are of: a run, and the step of its checkpoints, None if it is not known."""

    run: str = ""
    step: int | None = None

    @property
    def label(self) -> str:
        """In words, as in "novel, step 2,000"."""
        return f"{self.run}, step {self.step:,}" if self.step is not None else self.run


NOWHERE = Origin()
"""What is said where it is not known, or understood."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is known of a sentence that a variant wrote, beside its words; None where it is not known.

    Attributes:
        log_probability: log p(xhat|z) of the sentence that was written, nats.
        input_log_probability: log p(x|z) of the sentence that was typed or clicked, at the same z, nats.
        credit: log p(x|z) - log p(x|z=0), nats: what z adds to the words.
        distance: of a test sentence from the input, in the measure that `how` names.
        neighbour: the place of that test sentence, counted from 0; or -1.
        kl: KL(q(z|x) || p(z)) of its z, nats; none where z is not of a sentence.
        marginal: log p(x), z integrated out, nats.
        how: how this variant's sentence was made, where that is not the same for all; else "".
    """

    log_probability: float | None = None
    kl: float | None = None
    marginal: float | None = None
    how: str = ""
    input_log_probability: float | None = None
    credit: float | None = None
    distance: float | None = None
    neighbour: int = -1


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
        numbers: what is known of these sentences, by variant.
        origin: which models points are of, and on its way whose test sentence it is; no run where it has not left the
            window whose run is open.
    """

    text: str
    z: Mapping[str, Point] = field(default_factory=dict)
    how: str = ""
    index: int = -1
    sentences: Mapping[str, str] = field(default_factory=dict)
    search: str = ""
    numbers: Mapping[str, Numbers] = field(default_factory=dict)
    origin: Origin = NOWHERE

    @property
    def is_point(self) -> bool:
        """Whether points are sent and not a sentence."""
        return bool(self.z)

    @property
    def label(self) -> str:
        """On one line, with points told from sentences, as in "point: step 4 of A → B"."""
        return f"point: {self.text}" if self.is_point else self.text

    def of(self, origin: Origin) -> Pick:
        """The same, on its way: points and numbered sentences know whose they are, if they did not before."""
        return replace(self, origin=origin) if (self.is_point or self.index >= 0) and not self.origin.run else self

    def within(self, run: str) -> Pick:
        """As it counts where a run is open: which test sentence of another one it is, means nothing there."""
        if self.is_point:
            return self
        return replace(self, index=self.index if self.origin.run in ("", run) else -1, origin=NOWHERE)

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
            numbers = {str(name): _numbers(each) for name, each in given["numbers"].items()}
            step = given["origin"]["step"]
            origin = Origin(str(given["origin"]["run"]), None if step is None else int(step))
            rest = int(given["index"]), sentences, str(given["search"]), numbers, origin
            return cls(str(given["text"]), z, str(given["how"]), *rest)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None


def _numbers(given: Any) -> Numbers:
    def number(name: str) -> float | None:
        return None if given[name] is None else float(given[name])

    return Numbers(
        number("log_probability"),
        number("kl"),
        number("marginal"),
        str(given["how"]),
        number("input_log_probability"),
        number("credit"),
        number("distance"),
        int(given["neighbour"]),
    )


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
