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
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from engine.corpus.beside.spool import ColumnSpool
from engine.corpus.beside.texts import values_beside
from engine.corpus.cutting import Cutter
from engine.corpus.earlier import Earlier, Users
from engine.corpus.numbering import Numbering, choose_vocabulary
from engine.corpus.reading import Blocks, Reading, Source, Valued, Values, nothing_left
from engine.corpus.request import CorpusRequest
from engine.corpus.splits.overlap import Overlap
from engine.corpus.splits.vocabulary_file import read_words, refuse_foreign_words
from engine.corpus.spool import Spool
from engine.corpus.store import FILES, KIND, VERSION, VERSION_WITHOUT_COLUMNS
from engine.corpus.vocabulary import SPECIALS, UNK, Vocabulary
from engine.corpus.workers import cut_in_order
from engine.errors import UsageError
from engine.events import Done, Event, Note, Progress
from engine.storage.digests import digests_of, remember, sealed
from engine.storage.files import publish_folder, write_json
from engine.storage.locks import held

__all__ = ["CorpusRequest", "prepare_corpus"]

_PROGRESS_SECONDS = 0.25

_Beside = tuple[Counter[str], list[Values]]
"""What the source had left out by then, and what stands beside each sentence of a batch."""
_Batch = tuple[list[str], _Beside]


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
    source = request.open(request.source)
    given = {name: request.open(place) for name, place in request.given.items()}
    words = read_words(Path(request.vocabulary_file).expanduser()) if request.vocabulary_file is not None else None
    with held(target, "preparing a corpus"):
        earlier = Earlier.find(target, users)
        if earlier and not replace:
            earlier.refuse_other_settings(request.asked())
        with publish_folder(target) as folder:
            sources = _Sources(source, given, words)
            result = yield from _write(request, sources, folder, workers, None if replace else earlier)
        if earlier and (text := earlier.left_behind(result["fingerprint"])):
            yield Note(text, "warning")
    yield Done({**result, "path": str(target)})


@dataclass(frozen=True, slots=True)
class _Sources:
    """The text to learn from, the parts that are given beside it, and the words of a vocabulary that is given."""

    train: Source
    given: Mapping[str, Source]
    words: Sequence[str] | None


def _write(
    request: CorpusRequest, sources: _Sources, folder: Path, workers: int, earlier: Earlier | None
) -> Generator[Event, None, dict[str, Any]]:
    """Write the files of a corpus, its description last; returns what `Done` says of it but for the path."""
    reading = request.reading()
    with ExitStack() as stack:
        names = ["train", "test", *(["valid"] if "valid" in sources.given else [])]
        spools = {name: stack.enter_context(Spool(folder, name, keep_text=name == "test")) for name in names}
        train, test = spools["train"], spools["test"]
        beside = stack.enter_context(ColumnSpool(folder, names))
        numbering, overlap, dropped = Numbering(), Overlap(), dict[str, dict[str, int]]()
        if sources.given:  # the training text decides for all parts
            ahead = _look_ahead(request, sources.train)
            reading.given, reading.language, reading.notes = ahead.given, ahead.language, ahead.notes
            reading.kept = ahead.kept
        for name, source in sources.given.items():
            dropped[name] = yield from _read_given(
                request, source, name, spools[name], beside, numbering, overlap, reading
            )
        cutter = partial(request.cutter, reading, request.held_out)
        yield from _read(request, sources.train, reading, cutter, train, test, beside, numbering, overlap, workers)
        if train.sentences == 0:
            raise nothing_left(request.source, request.limits, reading, test.sentences)
        if test.sentences == 0:
            why = (
                f"{train.sentences} sentences, or fewer different ones, are few for a test fraction of "
                f"{request.test_fraction:g}; equal sentences always go to one side."
                if request.test_fraction
                else "none is held out with a test fraction of 0, and models are not trained without a test set."
            )
            yield Note(f"No sentence fell into the test set: {why}", "warning")
        if request.keep and not reading.kept:
            raise UsageError(
                f"{request.source} has no columns to keep.", "Leave out --keep; it is for tables and records."
            )
        columns, told = beside.finish()
        for line in told:
            yield Note(line, "warning")
        yield Progress("writing", 0, len(spools), "parts")
        if sources.words is not None and request.vocabulary_file is not None:
            refuse_foreign_words(request.vocabulary_file, sources.words, numbering.words)
        vocabulary, final = choose_vocabulary(numbering, request.vocabulary, sources.words)
        if sources.words is None and len(vocabulary) < request.vocabulary:
            yield Note(f"The text has only {len(vocabulary) - len(SPECIALS)} different words; all are kept.")
        vocabulary.save(folder / "vocabulary.txt")
        digests, unknown = [], {}
        for number, (name, spool) in enumerate(spools.items(), 1):
            digest, ids = spool.translate(final)
            digests.append(digest)
            unknown[name] = int(ids[UNK])
            yield Progress("writing", number, len(spools), "parts")
    tokens = sum(spool.tokens for spool in spools.values())
    material = " ".join((vocabulary.fingerprint, *digests))
    result: dict[str, Any] = {
        "name": request.name,
        "sentences": sum(spool.sentences for spool in spools.values()),
        "train": train.sentences,
        "test": test.sentences,
        "vocabulary": len(vocabulary),
        "tokens": tokens,
        "unknown_rate": sum(unknown.values()) / tokens,
        "dropped": dict(sorted(reading.dropped.items())),
        "fingerprint": hashlib.sha256(material.encode()).hexdigest(),
        "given": reading.given is True,
        "language": reading.language,
    }
    if sources.given:
        rates = {name: unknown[name] / spool.tokens if spool.tokens else 0.0 for name, spool in spools.items()}
        shared = {f"{one} and {other}": count for (one, other), count in overlap.counts().items()}
        result |= {"unknown_rates": rates, "dropped_of_parts": dropped, "in_two_parts": shared}
    if "valid" in spools:
        result["valid"] = spools["valid"].sentences
    if columns:
        result["columns"] = columns
    if earlier is not None:
        earlier.refuse_other_material(result["fingerprint"])
    digests_of_files = digests_of(folder, [name for name in FILES if (folder / name).exists()])
    description = _description(request, result, vocabulary, train.tokens, test.tokens)
    write_json(folder / "corpus.json", sealed({**description, "digests": digests_of_files}))
    remember(folder, digests_of_files)
    return result


def _look_ahead(request: CorpusRequest, source: Source) -> Reading:
    """What the beginning of the training text says of how words are cut."""
    begun = request.reading()
    with closing(source(begun)) as batches:
        next((batch for batch in batches if batch), None)
    return begun


def _read_given(
    request: CorpusRequest,
    source: Source,
    name: str,
    spool: Spool,
    beside: ColumnSpool,
    numbering: Numbering,
    overlap: Overlap,
    training: Reading,
) -> Generator[Event, None, dict[str, int]]:
    """Read a part that is given beside the training text, all of it; returns what was left out."""
    reading = request.reading()
    reading.given, reading.language, reading.kept = training.given, training.language, training.kept
    dropped: Counter[str] = Counter()
    with closing(source(reading)) as batches:
        begun = _begun(_with_drops(batches, reading))
        cutter = request.cutter(reading, 1.0)(0)
        for batch, (_, values) in begun:
            cut = cutter(batch)
            numbers = numbering.add(cut)[cut.test.numbers]
            overlap.remember(name, numbers, cut.test.lengths)
            spool.append(numbers, cut.test.lengths, cut.test.texts)
            beside.append(name, reading, values, cut.test.rows)
            dropped.update(cut.dropped)
            yield Progress(f"reading the {name} part", reading.done, reading.total, reading.unit)
    training.kept = reading.kept  # the first part with columns decides for those that are read after it
    for text in reading.notes:
        training.note(text)
    if spool.sentences == 0:
        reading.dropped.update(dropped)
        raise nothing_left(f"the {name} part", request.limits, reading)
    return dict(sorted((reading.dropped + dropped).items()))


def _read(
    request: CorpusRequest,
    source: Source,
    reading: Reading,
    cutter: Callable[[], Callable[[int], Cutter]],
    train: Spool,
    test: Spool,
    beside: ColumnSpool,
    numbering: Numbering,
    overlap: Overlap,
    workers: int,
) -> Iterator[Event]:
    """The first way through the text: cut, filter, split, and put aside under provisional numbers."""
    dropped: Counter[str] = Counter()
    told, next_progress, given = 0, 0.0, test.sentences
    with closing(source(reading)) as batches:
        begun = _begun(_with_drops(batches, reading))
        new_cutter = cutter()
        with closing(cut_in_order(begun, new_cutter, workers)) as cuts:
            for (batch, (by_source, values)), cut in cuts:
                left = None if request.limit is None else request.limit - train.sentences - test.sentences + given
                if left is not None and cut.sentences > left:
                    cut = new_cutter(-1)(batch, left)
                dropped.update(cut.dropped)
                numbers = numbering.add(cut)
                overlap.compare("train", numbers[cut.train.numbers], cut.train.lengths)
                overlap.compare("test", numbers[cut.test.numbers], cut.test.lengths)
                train.append(numbers[cut.train.numbers], cut.train.lengths, cut.train.texts)
                test.append(numbers[cut.test.numbers], cut.test.lengths, cut.test.texts)
                beside.append("train", reading, values, cut.train.rows)
                beside.append("test", reading, values, cut.test.rows)
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
        # Workers need the texts alone; what stands beside them waits here.
        yield (list(batch) if isinstance(batch, Valued) else batch), (reading.dropped.copy(), values_beside(batch))


def _description(
    request: CorpusRequest, result: dict[str, Any], vocabulary: Vocabulary, train_tokens: int, test_tokens: int
) -> dict[str, Any]:
    """The content of corpus.json."""
    asked = request.asked()
    if asked["keep"] is None:
        del asked["keep"]  # so that corpora without columns are what they were before there were any
    return {
        "kind": KIND,
        "version": VERSION if "columns" in result else VERSION_WITHOUT_COLUMNS,
        **asked,
        **result,
        "vocabulary_fingerprint": vocabulary.fingerprint,
        "train_tokens": train_tokens,
        "test_tokens": test_tokens,
    }
