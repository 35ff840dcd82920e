"""What the colours of the points can mean, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.run.atlas import ColourBy


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that is known or computed of every sentence.

    Attributes:
        name: in the state.
        text: in the menu.
        label: beside the scale, with its unit.
        meaning: one line for people.
        of_one: whether it is of one variant, the same on all maps, and so asks which.
    """

    name: ColourBy
    text: str
    label: str
    meaning: str
    of_one: bool = False


KINDS = (
    Kind("KL", "KL", "KL, nats", "how much z tells about the sentence, in nats"),
    Kind("nll", "rec. loss", "−log p(x|z), nats", "how badly the sentence is written again, −log p(x|z)"),
    Kind("length", "length", "tokens", "tokens of the sentence: words and punctuation marks"),
    Kind(
        "sigma",
        "mean σ",
        "mean σ",
        "how wide q(z|x) is, mean over the dimensions of z: 1 is as wide as the prior, so that z tells nothing",
    ),
    Kind("unknown", "unknown words", "unknown words", "words of the sentence that the models do not know"),
    Kind(
        "score",
        "given back",
        "BLEU",
        "how much of the sentence comes back from its μ, greedily: BLEU, 100 is word for word. "
        "Known of the sentences that were measured, for an evaluation or with Measure beside it; the others are grey",
    ),
    Kind(
        "search",
        "search",
        "search",
        "which of the texts that are searched for, with a bar between two of them, the sentence has; others are grey",
    ),
    Kind(
        "region",
        "region",
        "regions",
        "in which region of one variant's map the sentence lies, on all maps; named by the words that tell it apart",
        of_one=True,
    ),
    Kind(
        "drift",
        "drift",
        "drift",
        "how far the sentence lies from its place on another variant's map; 1 is the size of a map, "
        "0 the same place among the others",
        of_one=True,
    ),
)
BY_NAME = {kind.name: kind for kind in KINDS}
