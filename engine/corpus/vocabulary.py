"""The words a model knows, and their numbers.

The first four are special and never come from a text: padding, the unknown word, the start and the end of a sentence.
On disk a vocabulary is plain text with one word a line, so that any tool can read it; the line number minus one is
the word's id. Beside it lies `capitals.txt` with the words that the text writes with capitals, one a line, as they are
shown to people; texts that were prepared before it was written have none, and are shown in small letters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from engine.corpus.tokenised.words import read_like
from engine.corpus.tokens import cut_typed, detokenize
from engine.corpus.unspaced.languages import segmented
from engine.errors import LoomError, from_os_error
from engine.storage.files import write_text

PAD, UNK, BOS, EOS = 0, 1, 2, 3
CAPITALS = "capitals.txt"
SPECIALS = ("<pad>", "<unk>", "<s>", "</s>")


class Vocabulary:
    """An immutable list of distinct words, the four special ones first.

    Args:
        words: every word in the order of its id; begins with `SPECIALS`.
        capitals: words as they are written where that is not in small letters, such as "Boston". What models read does
            not depend on it, nor do `fingerprint` and equality.
        given: whether they are of a text that was cut already: what stood between its spaces, as it was given.
        language: the code of the language, if it is one without spaces between words.

    Attributes:
        capitals: those by their word in small letters.
        given, language: as above.

    Raises:
        LoomError: the special words are not in front, a word appears twice, is empty or contains white space; or
            something written with capitals is none of the words.
    """

    def __init__(
        self, words: Iterable[str], capitals: Iterable[str] = (), given: bool = False, language: str = ""
    ) -> None:
        self.words: tuple[str, ...] = tuple(words)
        self.given = given
        self.language = language
        problem = _problem(self.words)
        if problem is not None:
            index, what = problem
            raise LoomError(f"Word {index} of the vocabulary {what}.", "Prepare the corpus again.")
        # A typed "<unk>" or "<s>" is no special word, so those are not in the table that encodes text.
        self._ids = {word: index for index, word in enumerate(self.words) if index >= len(SPECIALS)}
        self.capitals: Mapping[str, str] = MappingProxyType({form.lower(): form for form in capitals})
        strange = next((form for word, form in self.capitals.items() if word not in self._ids or word == form), None)
        if strange is not None:
            raise LoomError(f"{strange!r} is no word of the vocabulary with capitals.", "Prepare the corpus again.")

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._ids

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.words == other.words

    def __hash__(self) -> int:
        return hash(self.words)

    def __repr__(self) -> str:
        return f"Vocabulary({len(self)} words, {self.fingerprint[:12]})"

    def cut(self, text: str) -> tuple[str, ...]:
        """The tokens of a sentence that a person typed, cut like the text of this vocabulary; `___` is a blank."""
        if not self.given:
            tokens = cut_typed(text)
            return tuple(segmented(tokens, self.language)) if self.language else tokens
        return read_like(text.encode("utf-8", "replace").decode("utf-8"), self)

    def encode(self, words: Sequence[str]) -> list[int]:
        """The ids of tokenised words; a word that is not known becomes `UNK`. No BOS or EOS is added."""
        return [self._ids.get(word, UNK) for word in words]

    def decode(self, ids: Iterable[int]) -> list[str]:
        """The words of ids, special ones included.

        Raises:
            LoomError: an id lies outside the vocabulary.
        """
        words = []
        for index in ids:
            if not 0 <= index < len(self.words):
                raise LoomError(
                    f"Word id {index} lies outside the vocabulary of {len(self)} words.",
                    "The model and the vocabulary do not belong together: open the run's own vocabulary.",
                )
            words.append(self.words[index])
        return words

    def text(self, words: Iterable[str]) -> str:
        """Words as a sentence for people, with the capitals of the text."""
        return detokenize(words, self.capitals)

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hexadecimal) of the words in their order."""
        return hashlib.sha256("\n".join(self.words).encode("utf-8")).hexdigest()

    def save(self, path: Path) -> None:
        """Write the words as UTF-8 text, one a line, and `capitals.txt` beside them.

        Raises:
            LoomError: a file could not be written.
        """
        write_text(path, "\n".join(self.words) + "\n")
        write_text(path.with_name(CAPITALS), "".join(f"{form}\n" for form in self.capitals.values()))

    @classmethod
    def load(
        cls,
        path: Path,
        given: bool = False,
        language: str = "",
        again: str = "Restore it from a copy, or prepare the corpus again.",
    ) -> Vocabulary:
        """Read what `save` wrote; `given` and `language` are not in the file. Errors say `again` what to do.

        Raises:
            LoomError: the file is missing, not UTF-8 or not a vocabulary; the message names the line.
        """
        try:
            words = _lines(path, again)
        except FileNotFoundError as error:
            raise LoomError(f"The vocabulary is missing: {path}.", again) from error
        if not words:
            raise LoomError(f"{path} is cut off: it is empty.", again)
        problem = _problem(words)
        if problem is not None:
            index, what = problem
            raise LoomError(f"{path}, line {index + 1}, {what}.", again)
        beside = path.with_name(CAPITALS)
        try:
            capitals = _lines(beside, again)
        except FileNotFoundError:
            return cls(words, (), given, language)
        known = frozenset(words[len(SPECIALS) :])
        for number, form in enumerate(capitals, 1):
            if form.lower() not in known or form == form.lower():
                raise LoomError(f"{beside}, line {number}: {form!r} is no word of the vocabulary with capitals.", again)
        return cls(words, capitals, given, language)


def _lines(path: Path, again: str) -> list[str]:
    """The lines of a text file, none of an empty one.

    Raises:
        FileNotFoundError: there is none.
        LoomError: it cannot be read, is cut off, or is not UTF-8.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise from_os_error(error, f"reading {path}") from error
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise LoomError(f"{path}, line {line}, is not UTF-8 text.", again) from error
    if text and not text.endswith("\n"):
        raise LoomError(f"{path} is cut off: its last line has no end.", again)
    # Only "\n" ends a line: other line separators of Unicode cannot be in a word, and must not hide in the count.
    return text.split("\n")[:-1]


def _problem(words: Sequence[str]) -> tuple[int, str] | None:
    """The first thing wrong with a list of words, as (index, what is wrong), or None."""
    seen: dict[str, int] = {}
    for index, special in enumerate(SPECIALS):
        if index >= len(words) or words[index] != special:
            return index, f"should be {special!r}"
    for index, word in enumerate(words):
        if not word:
            return index, "is empty"
        if word.split() != [word]:
            return index, f"contains white space: {word!r}"
        if word in seen:
            return index, f"repeats {word!r} of line {seen[word] + 1}"
        seen[word] = index
    return None
