"""From text to a prepared corpus: cut into words, filter, split, count the vocabulary, write ids.

What is decided here, and recorded in corpus.json:

- A word is a token of `tokens.py`; punctuation counts. Sentences of fewer than `min_words` or more than `max_words`
  are dropped and counted.
- A sentence goes to the test set if a hash of the seed and of its text (white space and capitals evened out) falls
  below `test_fraction`. It depends on nothing else, so adding text never moves a sentence, and two copies of a
  sentence never lie on both sides. Copies are kept, except in the demo, whose source removes them: remembering every
  sentence would make the memory grow with the corpus.
- The vocabulary is counted on the training sentences alone; the most common words win, and those equally common in
  alphabetical order. The four special words count towards its size.
- `limit` is the number of sentences kept, after all filters.

The memory needed is that of the distinct words, whatever the size of the corpus.
"""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.corpus.earlier import Earlier, Users
from engine.corpus.reading import Reading, Source
from engine.corpus.sources import open_source
from engine.corpus.spool import Spool
from engine.corpus.store import KIND, VERSION, ids_dtype
from engine.corpus.tokens import tokenize_batch
from engine.corpus.vocabulary import SPECIALS, UNK, Vocabulary
from engine.errors import LoomError, UsageError
from engine.events import Done, Event, Note, Progress
from engine.storage.files import publish_folder, write_json

Counts = npt.NDArray[np.int64]

_PROGRESS_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class CorpusRequest:
    """What to prepare, as the `corpus` command takes it.

    Raises:
        UsageError: a value is impossible.
    """

    source: str
    name: str
    min_words: int = 5
    max_words: int = 30
    vocabulary: int = 20_000
    test_fraction: float = 0.1
    seed: int = 0
    limit: int | None = None

    def __post_init__(self) -> None:
        if self.min_words < 1 or self.max_words < self.min_words:
            raise UsageError(
                f"No sentence has at least {self.min_words} and at most {self.max_words} words.",
                "Choose --min-words of 1 or more, and --max-words at least as large.",
            )
        if self.vocabulary <= len(SPECIALS):
            raise UsageError(
                f"A vocabulary of {self.vocabulary} leaves no room for words: {len(SPECIALS)} entries are special.",
                "Choose --vocabulary of 5 or more; 20000 is usual.",
            )
        if not 0 <= self.test_fraction < 1:
            raise UsageError(
                f"The test set cannot be {self.test_fraction:g} of the sentences.",
                "Choose --test-fraction from 0 to below 1; 0.1 is usual.",
            )
        if self.limit is not None and self.limit < 1:
            raise UsageError(
                f"A limit of {self.limit} leaves no sentence.", "Choose --limit of 1 or more, or leave it."
            )


def prepare_corpus(
    request: CorpusRequest, target: Path, *, replace: bool = False, users: Users | None = None
) -> Iterator[Event]:
    """Prepare a corpus in the folder `target`; an earlier one there is replaced at the very end, as a whole.

    Args:
        request: what to prepare.
        target: the folder of the corpus.
        replace: whether an earlier corpus may give way to another one; else only to the same, see `earlier`.
        users: names the runs trained on an earlier corpus, for the message that refuses.

    Yields:
        Progress while reading and writing, Note for what a person should know, and Done with name, sentences, train,
        test, vocabulary, tokens, unknown_rate, dropped, fingerprint and path.

    Raises:
        UsageError: another corpus, or something else, is there already; nothing was touched.
        LoomError: the source cannot be read, holds no usable sentence, or the result cannot be written.
    """
    source = open_source(request.source)
    earlier = Earlier.find(target, users)
    if earlier and not replace:
        earlier.refuse_other_settings(_asked(request))
    with publish_folder(target) as folder:
        reading = Reading()
        with Spool(folder, "train", keep_text=False) as train, Spool(folder, "test", keep_text=True) as test:
            words, counts = yield from _read(request, source, reading, train, test)
            if train.sentences == 0:
                raise _nothing_left(request, reading, test.sentences)
            if test.sentences == 0:
                yield Note(
                    f"No sentence fell into the test set: {train.sentences} sentences are few for a test fraction "
                    f"of {request.test_fraction:g}.",
                    "warning",
                )
            yield Progress("writing", 0, 2, "parts")
            vocabulary, final = _choose_vocabulary(words, counts, request.vocabulary)
            if len(vocabulary) < request.vocabulary:
                yield Note(f"The text has only {len(vocabulary) - len(SPECIALS)} different words; all are kept.")
            vocabulary.save(folder / "vocabulary.txt")
            train_digest, train_ids = train.translate(final)
            yield Progress("writing", 1, 2, "parts")
            test_digest, test_ids = test.translate(final)
            yield Progress("writing", 2, 2, "parts")
        tokens = train.tokens + test.tokens
        digests = f"{vocabulary.fingerprint} {train_digest} {test_digest}"
        result: dict[str, Any] = {
            "name": request.name,
            "sentences": train.sentences + test.sentences,
            "train": train.sentences,
            "test": test.sentences,
            "vocabulary": len(vocabulary),
            "tokens": tokens,
            "unknown_rate": int(train_ids[UNK] + test_ids[UNK]) / tokens,
            "dropped": dict(sorted(reading.dropped.items())),
            "fingerprint": hashlib.sha256(digests.encode()).hexdigest(),
        }
        if earlier and not replace:
            earlier.refuse_other_material(result["fingerprint"])
        write_json(folder / "corpus.json", _description(request, result, vocabulary, train.tokens, test.tokens))
    yield Done({**result, "path": str(target)})


def in_test_set(text: str, seed: int, fraction: float) -> bool:
    """Whether a sentence belongs to the test set; depends on its words and the seed only."""
    even = " ".join(text.casefold().split())
    digest = hashlib.blake2b(f"{seed}\n{even}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") < fraction * 2.0**64


def _read(
    request: CorpusRequest, source: Source, reading: Reading, train: Spool, test: Spool
) -> Generator[Event, None, tuple[list[str], Counts]]:
    """The first way through the text: cut, filter, split, and put aside under provisional numbers.

    Returns:
        the words in the order of their numbers, and how often each occurs in the training sentences, (words,) int64.
    """
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    counts: Counts = np.zeros(0, dtype=np.int64)
    told, next_progress = 0, 0.0
    with closing(source(reading)) as batches:
        for batch in batches:
            kept = _within_limits(request, batch, reading)
            if request.limit is not None:
                kept = kept[: request.limit - train.sentences - test.sentences]
            halves: tuple[list[tuple[str, list[str]]], ...] = ([], [])
            for item in kept:
                halves[in_test_set(item[0], request.seed, request.test_fraction)].append(item)
            for spool, half in zip((train, test), halves, strict=True):
                flat = list(map(numbers.__getitem__, chain.from_iterable(words for _, words in half)))
                used = spool.append(flat, [len(words) for _, words in half], [text for text, _ in half])
                if spool is train:
                    counts = _added(counts, used, len(numbers))
            if time.monotonic() >= next_progress:
                yield Progress("reading", reading.done, reading.total, reading.unit)
                next_progress = time.monotonic() + _PROGRESS_SECONDS
            while told < len(reading.notes):
                yield Note(reading.notes[told])
                told += 1
            if request.limit is not None and train.sentences + test.sentences >= request.limit:
                break
    for text in reading.notes[told:]:
        yield Note(text)
    yield Progress("reading", reading.done, reading.total, reading.unit)
    return list(numbers), _added(counts, np.zeros(0, dtype=np.uint32), len(numbers))


def _within_limits(request: CorpusRequest, batch: list[str], reading: Reading) -> list[tuple[str, list[str]]]:
    """The sentences of a batch that have the right length, with white space evened out, and their words."""
    kept = []
    empty = too_short = too_long = 0
    for text, words in zip(batch, tokenize_batch(batch), strict=True):
        if not words:
            empty += 1
        elif len(words) < request.min_words:
            too_short += 1
        elif len(words) > request.max_words:
            too_long += 1
        else:
            kept.append((" ".join(text.split()), words))
    for reason, dropped in (("empty", empty), ("too_short", too_short), ("too_long", too_long)):
        if dropped:
            reading.dropped[reason] += dropped
    return kept


def _added(counts: Counts, used: npt.NDArray[np.uint32], words: int) -> Counts:
    """`counts` with the numbers in `used` counted in, grown to hold `words` entries."""
    if len(counts) < words:
        # Growing in leaps keeps the copying small.
        counts = np.concatenate([counts, np.zeros(max(words, 2 * len(counts)) - len(counts), dtype=np.int64)])
    different, times = np.unique(used, return_counts=True)
    counts[different] += times
    return counts


def _choose_vocabulary(words: list[str], counts: Counts, size: int) -> tuple[Vocabulary, npt.NDArray[Any]]:
    """The most common words, and the table from provisional numbers to final ids (words,)."""
    candidates = [number for number in range(len(words)) if counts[number] > 0]
    candidates.sort(key=lambda number: (-counts[number], words[number]))
    chosen = candidates[: size - len(SPECIALS)]
    vocabulary = Vocabulary((*SPECIALS, *(words[number] for number in chosen)))
    final = np.full(len(words), UNK, dtype=ids_dtype(len(vocabulary)))
    final[chosen] = np.arange(len(SPECIALS), len(vocabulary))
    return vocabulary, final


def _asked(request: CorpusRequest) -> dict[str, Any]:
    """The keys of corpus.json that say how to prepare the corpus again."""
    return {
        "source": request.source,
        "filters": {"min_words": request.min_words, "max_words": request.max_words, "limit": request.limit},
        "test_fraction": request.test_fraction,
        "seed": request.seed,
        "vocabulary_asked": request.vocabulary,
    }


def _description(
    request: CorpusRequest, result: dict[str, Any], vocabulary: Vocabulary, train_tokens: int, test_tokens: int
) -> dict[str, Any]:
    """The content of corpus.json."""
    return {
        "kind": KIND,
        "version": VERSION,
        **_asked(request),
        **result,
        "vocabulary_fingerprint": vocabulary.fingerprint,
        "train_tokens": train_tokens,
        "test_tokens": test_tokens,
    }


_REASONS = {
    "too_short": ("shorter than {min} words", "lower --min-words"),
    "too_long": ("longer than {max} words", "raise --max-words"),
    "empty": ("empty", ""),
    "not_a_sentence": ("no sentence with a capital and an end", ""),
    "contact_details": ("with addresses, telephone numbers or links", ""),
    "duplicate": ("duplicates", ""),
    "huge_line": ("lines of more than a million bytes", "put one sentence on a line"),
    "not_text": ("without text", "check the column or key that holds the sentences"),
}


def _nothing_left(request: CorpusRequest, reading: Reading, in_test: int) -> LoomError:
    """Why no sentence is left to train on, with what to change."""
    if in_test:
        return LoomError(
            f"All {in_test} usable sentences of {request.source} fell into the test set.",
            "Add text, or choose another --seed or a smaller --test-fraction.",
        )
    if not reading.dropped:
        return LoomError(f"{request.source} holds no text.", "Choose a file with one sentence a line, or running text.")
    parts, advice = [], []
    for reason, dropped in reading.dropped.most_common():
        meaning, change = _REASONS.get(reason, (reason, ""))
        parts.append(f"{dropped} {meaning.format(min=request.min_words, max=request.max_words)}")
        if change:
            advice.append(change)
    hint = f"You can {' or '.join(advice)}." if advice else "Choose another source."
    return LoomError(f"No sentence of {request.source} is left: {', '.join(parts)}.", hint)
