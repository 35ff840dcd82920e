"""From text to a prepared corpus: cut into words, filter, split, count the vocabulary, write ids.

What is decided here, and recorded in corpus.json:

- A word is a token of `tokens.py`, or what stands between spaces where the text is cut already (`tokenised/`);
  punctuation counts. Sentences of fewer than `min_words` or more than `max_words`
  are dropped and counted.
- A sentence goes to the test set if a hash of the seed and of its text (white space and capitals evened out) falls
  below `test_fraction`. It depends on nothing else, so adding text never moves a sentence, and two copies of a
  sentence never lie on both sides. Copies are kept, except in the demo, whose source removes them: remembering every
  sentence would make the memory grow with the corpus.
- The vocabulary is counted on the training sentences alone; the most common words win, and those equally common in
  alphabetical order. The four special words count towards its size. How its words are written within the training
  sentences is kept beside it, see `capitals.py`.
- `limit` is the number of sentences kept, after all filters.

The memory needed is that of the distinct words, whatever the size of the corpus.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.corpus.capitals import usual_forms
from engine.corpus.cutting import Cutter
from engine.corpus.earlier import Earlier, Users
from engine.corpus.numbering import Numbering
from engine.corpus.reading import SEPARATORS, Blocks, Reading, Source
from engine.corpus.sources import open_source
from engine.corpus.spool import Spool
from engine.corpus.store import FILES, KIND, VERSION, ids_dtype
from engine.corpus.vocabulary import SPECIALS, UNK, Vocabulary
from engine.corpus.workers import cut_in_order
from engine.errors import LoomError, UsageError
from engine.events import Done, Event, Note, Progress
from engine.storage.digests import digests_of, remember, sealed
from engine.storage.files import publish_folder, write_json
from engine.storage.locks import held

_PROGRESS_SECONDS = 0.25

_Batch = tuple[list[str], Counter[str]]
"""Sentences, and what the source had left out by then."""


@dataclass(frozen=True, slots=True)
class CorpusRequest:
    """What to prepare, as the `corpus` command takes it.

    `tokenised` is whether words are what stands between spaces, None to find that out; `lower` whether they are then
    read in small letters.

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
    column: str | None = None
    separator: str | None = None
    tokenised: bool | None = None
    lower: bool = False

    def __post_init__(self) -> None:
        if self.min_words < 1 or self.max_words < self.min_words:
            raise UsageError(
                f"No sentence has at least {self.min_words} and at most {self.max_words} tokens.",
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
        if self.separator not in (None, *SEPARATORS):
            raise UsageError(
                f"Nothing named {self.separator!r} can separate the cells of a table.",
                f"Choose --separator from {', '.join(SEPARATORS)}.",
            )
        if self.lower and self.tokenised is False:
            raise UsageError(
                "Text that is cut here is read in small letters anyway.", "Leave out --lower, or add --tokenised."
            )
        if self.limit is not None and self.limit < 1:
            raise UsageError(
                f"A limit of {self.limit} leaves no sentence.", "Choose --limit of 1 or more, or leave it."
            )


def prepare_corpus(
    request: CorpusRequest, target: Path, *, replace: bool = False, users: Users | None = None, workers: int = 1
) -> Iterator[Event]:
    """Prepare a corpus in the folder `target`; an earlier one there is replaced at the very end, as a whole.

    Args:
        request: what to prepare.
        target: the folder of the corpus.
        replace: whether an earlier corpus may give way to another one; else only to the same, see `earlier`.
        users: names the runs trained on an earlier corpus, for the message that refuses.
        workers: processes to share the work among, once the corpus proves large; the result is the same with any
            number. A script that asks for several must guard its main part by `if __name__ == "__main__"`.

    Yields:
        Progress while reading and writing, Note for what a person should know, and Done with name, sentences, train,
        test, vocabulary, tokens, unknown_rate, dropped, fingerprint and path.

    Raises:
        UsageError: another corpus, or something else, is there already; nothing was touched.
        LoomError: the source cannot be read, holds no usable sentence, or the result cannot be written.
    """
    source = open_source(request.source, request.column, request.separator)
    with held(target, "preparing a corpus"):
        earlier = Earlier.find(target, users)
        if earlier and not replace:
            earlier.refuse_other_settings(_asked(request))
        with publish_folder(target) as folder:
            result = yield from _write(request, source, folder, workers, None if replace else earlier)
    yield Done({**result, "path": str(target)})


def _write(
    request: CorpusRequest, source: Source, folder: Path, workers: int, earlier: Earlier | None
) -> Generator[Event, None, dict[str, Any]]:
    """Write the files of a corpus, its description last; returns what `Done` says of it but for the path."""
    reading = Reading(column=request.column, separator=request.separator, tokenised=request.tokenised)
    with Spool(folder, "train", keep_text=False) as train, Spool(folder, "test", keep_text=True) as test:
        numbering = yield from _read(request, source, reading, train, test, workers)
        if train.sentences == 0:
            raise nothing_left(request, reading, test.sentences)
        if test.sentences == 0:
            yield Note(
                f"No sentence fell into the test set: {train.sentences} sentences are few for a test fraction "
                f"of {request.test_fraction:g}.",
                "warning",
            )
        yield Progress("writing", 0, 2, "parts")
        vocabulary, final = choose_vocabulary(numbering, request.vocabulary)
        if len(vocabulary) < request.vocabulary:
            yield Note(f"The text has only {len(vocabulary) - len(SPECIALS)} different words; all are kept.")
        vocabulary.save(folder / "vocabulary.txt")
        train_digest, train_ids = train.translate(final)
        yield Progress("writing", 1, 2, "parts")
        test_digest, test_ids = test.translate(final)
        yield Progress("writing", 2, 2, "parts")
    tokens = train.tokens + test.tokens
    material = f"{vocabulary.fingerprint} {train_digest} {test_digest}"
    result: dict[str, Any] = {
        "name": request.name,
        "sentences": train.sentences + test.sentences,
        "train": train.sentences,
        "test": test.sentences,
        "vocabulary": len(vocabulary),
        "tokens": tokens,
        "unknown_rate": int(train_ids[UNK] + test_ids[UNK]) / tokens,
        "dropped": dict(sorted(reading.dropped.items())),
        "fingerprint": hashlib.sha256(material.encode()).hexdigest(),
        "given": reading.given is True,
    }
    if earlier is not None:
        earlier.refuse_other_material(result["fingerprint"])
    digests = digests_of(folder, FILES)
    description = _description(request, result, vocabulary, train.tokens, test.tokens)
    write_json(folder / "corpus.json", sealed({**description, "digests": digests}))
    remember(folder, digests)
    return result


def _read(
    request: CorpusRequest, source: Source, reading: Reading, train: Spool, test: Spool, workers: int
) -> Generator[Event, None, Numbering]:
    """The first way through the text: cut, filter, split, and put aside under provisional numbers, which it returns."""
    numbering = Numbering()
    dropped: Counter[str] = Counter()
    told, next_progress = 0, 0.0
    with closing(source(reading)) as batches:
        begun = _begun(_with_drops(batches, reading))
        new_cutter = cutter_of(request, reading)
        with closing(cut_in_order(begun, new_cutter, workers)) as cuts:
            for (batch, by_source), cut in cuts:
                left = None if request.limit is None else request.limit - train.sentences - test.sentences
                if left is not None and cut.sentences > left:
                    cut = new_cutter(-1)(batch, left)
                dropped.update(cut.dropped)
                numbers = numbering.add(cut)
                train.append(numbers[cut.train.numbers], cut.train.lengths, cut.train.texts)
                test.append(numbers[cut.test.numbers], cut.test.lengths, cut.test.texts)
                if time.monotonic() >= next_progress:
                    yield Progress("reading", reading.done, reading.total, reading.unit)
                    next_progress = time.monotonic() + _PROGRESS_SECONDS
                while told < len(reading.notes):
                    yield Note(reading.notes[told])
                    told += 1
                if left is not None and cut.sentences == left:
                    # What was read ahead for the workers does not count.
                    reading.dropped = by_source
                    break
    reading.dropped.update(dropped)
    for text in reading.notes[told:]:
        yield Note(text)
    yield Progress("reading", reading.done, reading.total, reading.unit)
    return numbering


def cutter_of(request: CorpusRequest, reading: Reading) -> Callable[[int], Cutter]:
    """What makes a cutter of a name, once the source has looked at its first lines."""
    limits = request.min_words, request.max_words
    given = {"given": reading.given is True, "lower": request.lower}
    return partial(Cutter, *limits, request.seed, request.test_fraction, **given)


def _begun(batches: Iterator[_Batch]) -> Iterator[_Batch]:
    """The batches, once the first that is not empty is there."""
    first = []
    for batch in batches:
        first.append(batch)
        if batch[0]:
            break
    return chain(first, batches)


def _with_drops(batches: Blocks, reading: Reading) -> Iterator[_Batch]:
    for batch in batches:
        yield batch, reading.dropped.copy()


def choose_vocabulary(numbering: Numbering, size: int) -> tuple[Vocabulary, npt.NDArray[Any]]:
    """The most common words, and the table from provisional numbers to final ids (words,)."""
    words, counts = numbering.words, numbering.counts
    candidates = [number for number in range(len(words)) if counts[number] > 0 and words[number] not in SPECIALS]
    candidates.sort(key=lambda number: (-counts[number], words[number]))
    chosen = candidates[: size - len(SPECIALS)]
    within = numbering.within
    written = usual_forms(((words[number], int(within[number])) for number in chosen), numbering.capitals)
    vocabulary = Vocabulary((*SPECIALS, *(words[number] for number in chosen)), written)
    final = np.full(len(words), UNK, dtype=ids_dtype(len(vocabulary)))
    final[chosen] = np.arange(len(SPECIALS), len(vocabulary))
    return vocabulary, final


def _asked(request: CorpusRequest) -> dict[str, Any]:
    """The keys of corpus.json that say how to prepare the corpus again."""
    return {
        "source": request.source,
        "column": request.column,
        "separator": request.separator,
        "tokenised": request.tokenised,
        "lower": request.lower or None,
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
    "too_short": ("shorter than {min} tokens", "lower --min-words"),
    "too_long": ("longer than {max} tokens", "raise --max-words"),
    "empty": ("empty", ""),
    "not_a_sentence": ("no sentence with a capital and an end", ""),
    "contact_details": ("with addresses, telephone numbers or links", ""),
    "duplicate": ("duplicates", ""),
    "huge_line": ("lines of more than a million bytes", "put one sentence on a line"),
    "wide_row": ("rows with more cells than the first", "put quotes around cells that hold a separator"),
    "short_row": ("rows with fewer cells than the first", "put quotes around cells that hold a line end"),
    "not_text": ("without text", "check the column or key that holds the sentences"),
}


def nothing_left(request: CorpusRequest, reading: Reading, in_test: int) -> LoomError:
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
