"""Words with marks: what differs from the input, and which words a model does not know.

Marked words are spans, each with a role; a role becomes colours only where it is drawn, so that a change of theme
needs no new spans. A difference is marked by colour, weight and underline together, so that none of the three is
needed to see it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from app.core.theme import Theme
from app.widgets.reading.marks import isolated

_ALL_SHOWN = 40  # tokens of a sentence that is shown whole where some of it is not in the vocabulary
_REMOVED = "\N{CARET}"
DIFFERENCE_NOTE = (
    "Words that differ from the input are coloured, bold and underlined; "
    f"{_REMOVED} stands where words of the input are missing."
)

Role = Literal["text", "muted", "good", "warning", "changed", "removed", "shared"]


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a sentence that is drawn alike."""

    text: str
    role: Role = "text"


def diff_spans(reference_words: Sequence[str], words: Sequence[str], text: str = "") -> tuple[Span, ...]:
    """`words` with everything marked that is not in `reference_words` at its place; none for no words.

    A small caret stands where words of the reference are missing. Letters' case does not count as a difference.

    Args:
        reference_words: what they are held against.
        words: of a sentence.
        text: these words as a sentence with the capitals of a vocabulary; without them if empty.
    """
    from difflib import SequenceMatcher

    from engine.corpus.tokens import join_words  # brings a compiled library, which the first paint does without

    reference = [word.casefold() for word in reference_words]
    written = [word.casefold() for word in words]
    changed = [False] * len(words)
    missing_before: set[int] = set()
    for tag, _, _, j0, j1 in SequenceMatcher(None, reference, written, autojunk=False).get_opcodes():
        if tag == "delete":
            missing_before.add(j0)
        elif tag != "equal":
            changed[j0:j1] = [True] * (j1 - j0)
    spans: list[Span] = []
    for position, (word, glue) in enumerate(join_words(words, text)):
        if position and not glue:
            spans.append(Span(" "))
        if position in missing_before:
            spans.append(Span(_REMOVED, "removed"))
        spans.append(Span(word, "changed" if changed[position] else "text"))
    if words and len(words) in missing_before:
        spans += [Span(" "), Span(_REMOVED, "removed")]
    return tuple(spans)


def plain_words(text: str) -> frozenset[str]:
    """The words of a sentence as a person counts them, in small letters and without punctuation."""
    from engine.corpus.tokens import words_in  # brings a compiled library, which the first paint does without

    return frozenset(word.casefold() for word, _, _ in words_in(text))


def shared_spans(text: str, words: Collection[str]) -> tuple[Span, ...]:
    """`text` with the words marked that are among `words`, as `plain_words` gives them."""
    from engine.corpus.tokens import words_in  # brings a compiled library, which the first paint does without

    spans: list[Span] = []
    done = 0
    for word, start, end in words_in(text):
        if word.casefold() in words:
            spans += [Span(text[done:start])] if done < start else []
            spans.append(Span(text[start:end], "shared"))
            done = end
    return (*spans, Span(text[done:])) if done < len(text) else tuple(spans)


def diff_html(reference_words: Sequence[str], words: Sequence[str], theme: Theme, text: str = "") -> str:
    """The spans of `diff_spans` as HTML for a QLabel; empty for no words."""
    styles = {
        "changed": f"color:{theme.changed}; font-weight:600; text-decoration:underline;",
        "removed": f"color:{theme.changed}; font-weight:600;",
        "text": f"color:{theme.text};",
    }
    spans = diff_spans(reference_words, words, text)
    return "".join(" " if span.text == " " else _span(span.text, styles[span.role]) for span in spans)


def unknown_html(words: Sequence[str], unknown_mask: Sequence[bool], theme: Theme) -> str:
    """`words` with those the vocabulary does not hold in another colour over a dotted line.

    Raises:
        ValueError: the mask is not as long as the words.
    """
    from engine.corpus.tokens import join_words  # brings a compiled library, which the first paint does without

    style = f"color:{theme.unknown}; text-underline-style:dotted; text-decoration-color:{theme.unknown};"
    plain = f"color:{theme.text};"
    pairs = zip(join_words(words), unknown_mask, strict=True)
    return _spaced((_span(text, style if unknown else plain), glue) for (text, glue), unknown in pairs)


def unknown_line(words: Sequence[str], unknown_mask: Sequence[bool], theme: Theme) -> str:
    """How many words of a sentence are not in the vocabulary, and it with them marked; "" where all are.

    Of a long sentence only those stand there: what is beneath needs the room.
    """
    unknown = [word for word, outside in zip(words, unknown_mask, strict=True) if outside]
    if not unknown:
        return ""
    from engine.corpus.tokens import is_word  # brings a compiled library, which the first paint does without

    shown = list(zip(words, unknown_mask, strict=True))
    if len(shown) > _ALL_SHOWN:
        shown = [(word, True) for word in dict.fromkeys(unknown)]
    marked = unknown_html([word for word, _ in shown], [mark for _, mark in shown], theme)
    marked = isolated(" ".join(words), marked)
    known_as_words = sum(map(is_word, unknown))
    counts = [counted(known_as_words, "word"), counted(len(unknown) - known_as_words, "mark")]
    verb = "is" if len(unknown) == 1 else "are"
    return f"{' and '.join(count for count in counts if count)} {verb} not in the vocabulary: {marked}"


def counted(number: int, noun: str) -> str:
    """As in "2 words"; "" for none."""
    return f"{number} {noun}{'s' * (number != 1)}" if number else ""


def _span(text: str, style: str) -> str:
    from html import escape  # its list of entities takes a while, and the first paint needs none

    return f'<span style="{style}">{escape(text)}</span>'


def _spaced(pieces: Iterable[tuple[str, bool]]) -> str:
    return "".join(html if glue or not position else f" {html}" for position, (html, glue) in enumerate(pieces))
