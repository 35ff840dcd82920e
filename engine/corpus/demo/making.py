"""Make the demo's text from the English sentences of Tatoeba: `python -m engine.corpus.demo.making SOURCE TARGET`.

Tatoeba (tatoeba.org) publishes its sentences under CC BY 2.0 FR. What is done to them, in this order:

1. White space is evened out, and a sentence begins with a capital or an opening quote and ends with `.`, `!`, `?` or a
   closing quote after one.
2. It has `LEAST` to `MOST` tokens of the tokenizer; punctuation counts, as everywhere in the project.
3. Of sentences that differ in letter case and punctuation alone, the first is kept.
4. No word of `left_out.txt` is in it: what a teacher would not put before a class.
5. No name is in more than `NAME_SHARE` of what is left. A name is a word that has a capital within sentences more
   often than not (`capitals.py`), but for `I`. Of the sentences of a name that is more frequent, as many are kept as
   the share allows, chosen by a hash of the sentence; the others are left out, none is changed.

The order of the source is kept. The same source and list make the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import zstandard

from engine.corpus.capitals import capitals_of, telling, usual_forms
from engine.corpus.tokens import tokenize_batch, words_of
from engine.errors import LoomError, UsageError, from_os_error
from engine.storage.files import export

LEAST, MOST = 5, 16
NAME_SHARE = 0.02
LEFT_OUT = Path(__file__).with_name("left_out.txt")


@dataclass(frozen=True, slots=True)
class Made:
    """The text, and how many sentences each step left out."""

    sentences: tuple[str, ...]
    left_out: Counter[str]
    names: tuple[str, ...]
    """Those that were too frequent."""


@dataclass(frozen=True, slots=True)
class WordList:
    """Words to be avoided: as they stand, or by how they begin."""

    whole: frozenset[str]
    beginnings: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> WordList:
        """Read a list such as `left_out.txt`.

        Raises:
            LoomError: it cannot be read, or a line is no word.
        """
        try:
            lines = path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise LoomError(f"The list of words {path} cannot be read: {error}.") from error
        words = [line.strip() for line in lines]
        for number, word in enumerate(words, 1):
            stem = word.removesuffix("*")
            if word and not word.startswith("#") and (not stem or stem != stem.lower() or set("* \t") & set(stem)):
                raise LoomError(f"{path}, line {number}: {word!r} is no word in small letters, with a star or without.")
        words = [word for word in words if word and not word.startswith("#")]
        return cls(
            frozenset(word for word in words if not word.endswith("*")),
            tuple(word[:-1] for word in words if word.endswith("*")),
        )

    def any_of(self, tokens: Iterable[str]) -> bool:
        """Whether one of the tokens is in the list."""
        return any(token in self.whole or token.startswith(self.beginnings) for token in tokens)


def make(lines: Iterable[str], avoided: WordList) -> Made:
    """The demo's text from the lines of the source, as the module says."""
    left_out: Counter[str] = Counter()
    seen: set[tuple[str, ...]] = set()
    kept: list[tuple[str, list[str]]] = []
    texts = [" ".join(line.split()) for line in lines]
    for text, tokens in zip(texts, tokenize_batch(texts), strict=True):
        words = words_of(tokens)
        if not _is_sentence(text):
            left_out["no whole sentence"] += 1
        elif not LEAST <= len(tokens) <= MOST:
            left_out[f"not of {LEAST} to {MOST} tokens"] += 1
        elif words in seen:
            left_out["said before"] += 1
        elif avoided.any_of(tokens):
            left_out["with a word of the list"] += 1
        else:
            seen.add(words)
            kept.append((text, tokens))
    names = frequent_names(kept)
    chosen = _within_share(kept, names)
    left_out["with a name that is frequent enough"] = len(kept) - len(chosen)
    return Made(tuple(kept[i][0] for i in chosen), left_out, names)


def _is_sentence(text: str) -> bool:
    begun, ended = text.lstrip('"'), text.rstrip('"')
    return begun[:1].isupper() and ended[-1:] in (".", "!", "?") and text.count('"') % 2 == 0


def frequent_names(sentences: Sequence[tuple[str, Sequence[str]]]) -> tuple[str, ...]:
    """The names in more than `NAME_SHARE` of the sentences, given as (text, tokens), in alphabetical order."""
    holding = Counter(token for _, tokens in sentences for token in set(tokens))
    within = Counter(token for _, tokens in sentences for token in tokens[1:])
    frequent = [(word, within[word]) for word, times in holding.items() if times > NAME_SHARE * len(sentences)]
    written = usual_forms(frequent, capitals_of(telling(text.split()) for text, _ in sentences))
    return tuple(sorted(form.lower() for form in written if form != "I"))


def _within_share(sentences: Sequence[tuple[str, Sequence[str]]], names: Sequence[str]) -> list[int]:
    """The places of the sentences to keep, in order: all without a name, and as many with each as its share allows."""
    held = [tuple(name for name in names if name in tokens) for _, tokens in sentences]
    named = sorted((i for i, has in enumerate(held) if has), key=lambda i: _rank(sentences[i][0]))
    free = [i for i, has in enumerate(held) if not has]
    taken: list[int] = []
    while True:
        most, count = int(NAME_SHARE * (len(free) + len(taken))), Counter[str]()
        again: list[int] = []
        for i in named:
            if all(count[name] < most for name in held[i]):
                count.update(held[i])
                again.append(i)
        if len(again) <= len(taken):  # more sentences allow more of each name, until that settles
            return sorted(free + again)
        taken = again


def _rank(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=8).digest()


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the source, write the text, and say what each step did; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m engine.corpus.demo.making", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("source", type=Path, help="one sentence a line, UTF-8, as it is or compressed by gzip")
    parser.add_argument("target", type=Path, help="the text to write, compressed by zstd: sentences.txt.zst")
    options = parser.parse_args(arguments)
    try:
        made = make(_lines(options.source), WordList.read(LEFT_OUT))
        if not made.sentences:
            raise UsageError(f"No sentence of {options.source} can be used.", "Give English sentences, one a line.")
        text = "".join(f"{sentence}\n" for sentence in made.sentences)
        with export(options.target) as scratch:
            scratch.write_bytes(zstandard.ZstdCompressor(level=19).compress(text.encode()))
    except LoomError as error:
        print(f"{error.message} {error.hint}".strip(), file=sys.stderr)
        return error.exit_code
    for reason, count in made.left_out.items():
        print(f"{count:9,} left out: {reason}")
    print(f"{len(made.sentences):9,} kept. Too frequent were: {', '.join(made.names) or 'no names'}.")
    return 0


def _lines(path: Path) -> list[str]:
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8")
    except (EOFError, UnicodeDecodeError, gzip.BadGzipFile, zlib.error) as error:
        raise LoomError(f"{path} is damaged or no text in UTF-8: {error}.", "Get it again.") from error
    except OSError as error:
        raise from_os_error(error, f"reading {path}") from error
    return text.split("\n")


if __name__ == "__main__":
    sys.exit(main())
