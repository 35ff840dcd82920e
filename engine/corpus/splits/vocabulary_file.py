"""A vocabulary that somebody made before: one word a line, as the published corpora have it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.corpus.tokenised.words import UNKNOWN_WORDS
from engine.corpus.vocabulary import SPECIALS
from engine.errors import LoomError, UsageError, from_os_error

_OWN_SPECIALS = (
    UNKNOWN_WORDS | set(SPECIALS) | {"<bos>", "<eos>", "<sos>", "<BOS>", "<EOS>", "<PAD>", "_PAD", "_GO", "_EOS"}
)


def read_words(path: Path) -> list[str]:
    """The words of a file in their order, without padding, unknown word and marks of start and end.

    A line is a word, or a word and its count with a tab or a space between them.

    Raises:
        LoomError: it cannot be read or is no list of words; the message names the line.
    """
    again = "Give a UTF-8 file with one word a line."
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise LoomError(f"The vocabulary {path} is not UTF-8 text.", again) from error
    except (FileNotFoundError, IsADirectoryError) as error:
        raise UsageError(f"There is no file {path} with a vocabulary.", again) from error
    except OSError as error:
        raise from_os_error(error, f"reading the vocabulary {path}") from error
    words: dict[str, int] = {}
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        cells = line.split()
        if not cells:
            continue
        if len(cells) > 2 or (len(cells) == 2 and not cells[1].isdecimal()):
            raise LoomError(f"Line {number} of the vocabulary {path} is no word, nor a word and a count.", again)
        word = cells[0]
        if word in _OWN_SPECIALS:
            continue
        if word in words:
            raise LoomError(
                f"The vocabulary {path} has {word!r} twice, on lines {words[word]} and {number}.",
                "Take out one of them.",
            )
        words[word] = number
    if not words:
        raise LoomError(f"The vocabulary {path} holds no word.", again)
    return list(words)


def refuse_foreign_words(file: str, given: Sequence[str], words: Sequence[str]) -> None:
    """Refuse the words of a vocabulary file if none of them is among the words of the text."""
    if not set(given).intersection(words):
        raise LoomError(
            f"No word of the text is in {file}, as in {', '.join(given[:3])}.",
            "Give the list that belongs to this text, one word a line.",
        )
