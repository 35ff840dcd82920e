"""What is said of a decoded sentence, and as what it can be sent on: pure functions of readings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from app.core.picks import Numbers, Pick
from app.core.values import Decoded, Fact, Reading
from engine.corpus.tokens import whole_words, words_of

WRITTEN, TYPED = "log p(x̂|z)", "log p(x|z)"
"""The scores of the sentence x̂ that a model writes from z, and of the sentence x that was typed or clicked."""
SCORES = (
    f"{WRITTEN}: how probable the decoder finds the sentence x̂ that it writes here, in nats, the end counted.\n"
    f"{TYPED}: how probable it finds the sentence x that it was to write again, from the same z: the reconstruction\n"
    "term. The two are equal where x comes back; far below, the decoder would not have said x.\n"
    "A word of x outside the vocabulary is scored as the unknown word.\n"
    "KL: how much z tells about x, in nats. Last, how the sentence was made."
)
"""What the numbers under a decoded sentence mean."""
_IN_WORDS = re.compile(r"\bmu(?=\b|_)")


def sentence_pick(reading: Reading) -> Pick | None:
    """A decoded sentence as it can be sent on; None if it has no words."""
    return Pick(reading.text) if reading.words else None


def decoded_pick(decoded: Decoded) -> Pick | None:
    """The points that were decoded, one a variant, with what was made of them; None while there are none.

    While an answer is awaited, what is shown may still be that to the text before.
    """
    return None if decoded.busy else point_pick(decoded.text, decoded.readings)


def point_pick(text: str, readings: Mapping[str, Reading]) -> Pick | None:
    """Points that can be sent on; None where they are not known.

    Args:
        text: what they are, in short.
        readings: what each variant made of its point.
    """
    z = {name: reading.z for name, reading in readings.items() if reading.z}
    sentences = {name: reading.text for name, reading in readings.items()}
    source = common(reading.source for reading in readings.values())
    search = common(reading.how.removeprefix(reading.source).lstrip(", ") for reading in readings.values())
    return Pick(text, z, source, sentences=sentences, search=search, numbers=numbers_of(readings)) if z else None


def numbers_of(readings: Mapping[str, Reading]) -> dict[str, Numbers]:
    """What is known of sentences, by variant; how each was made too, where they were not all made alike."""
    alike = len({reading.how for reading in readings.values()}) < 2
    return {
        name: Numbers(
            reading.log_probability,
            reading.kl,
            how="" if alike else reading.how,
            input_log_probability=reading.input_log_probability,
        )
        for name, reading in readings.items()
    }


def numbers_line(reading: Reading, how: bool = True) -> str:
    """The numbers under a decoded sentence, and `how` it was made."""
    parts = [f"{WRITTEN} {signed(reading.log_probability)}"]
    if reading.input_log_probability is not None:
        parts.append(f"{TYPED} {signed(reading.input_log_probability)}")
    elif reading.scoring:  # its place is kept, or the card would grow when it comes
        parts.append(f"{TYPED} …")
    if reading.kl is not None:
        parts.append(f"KL {reading.kl:.1f}")
    if not (reading.ended or reading.draft):
        parts.append("cut off at the longest length")
    return " · ".join([*parts, reading.how] if how else parts)


LEAST_FULL = 1.0
"""Nats that a bar of the KL is as long as all of its room for, at least: less than that is little in itself."""


def facts(reference: Sequence[str], reading: Reading, kl_scale: float) -> tuple[Fact, ...]:
    """What a reconstruction shows about its model: what came back, how much z told, how sure the decoder was."""
    if not reading.words:
        return ()
    log_probability = signed(reading.log_probability)
    result = [
        Fact(
            "certainty",
            f"{reading.certainty:.0%} a token",
            reading.certainty,
            f"how probable the decoder finds each token of its own sentence (a word, a punctuation mark, the end), on "
            "average (geometric mean). "
            f"Together that is {WRITTEN} = {log_probability} nats.\n"
            "A decoder that ignores z can be sure as well: of the most ordinary sentences.",
        ),
    ]
    if reading.kl is not None:
        told = Fact(
            "told by z (KL)",
            f"{reading.kl:.1f} nats",
            reading.kl / max(kl_scale, LEAST_FULL),
            "how much z says about the sentence; 0 is nothing. The longest of these bars is full, from a nat on.",
        )
        result.insert(0, told)
    given = words_of(reference)
    if given:  # a decoded point has none
        kept = kept_words(reference, reading.words)
        back = Fact(
            "words kept",
            f"{kept} of {len(given)}",
            kept / len(given),
            "words of the sentence that came back, in their order: what is not marked. Punctuation marks do not count, "
            "don't is one word.",
        )
        result.insert(0, back)
    return tuple(result)


def kept_words(reference: Sequence[str], words: Sequence[str]) -> int:
    """How many words of `reference` came back among `words`, in their order; letters' case does not count.

    Both are tokens, compared as those are that `rich_text.diff_spans` marks; a word is back if all of its tokens are.
    """
    from difflib import SequenceMatcher

    first, second = [word.casefold() for word in reference], [word.casefold() for word in words]
    blocks = SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
    back = {place for block in blocks for place in range(block.a, block.a + block.size)}
    return sum(back.issuperset(places) for _, places in whole_words(reference))


def signed(value: float) -> str:
    """A number with one decimal and a proper minus sign."""
    return f"{value:.1f}".replace("-", "−")


def on_screen(text: str) -> str:
    """A line of the engine with the Greek letters that are printed in words, as it is read in the window."""
    return _IN_WORDS.sub("μ", text)


def no_answer(reason: str) -> str:
    """What stands in a column whose model failed."""
    return f"This model cannot answer: {reason}"


def common(ways: Iterable[str]) -> str:
    """Ways of making sentences, each once."""
    return "; ".join(dict.fromkeys(ways))
