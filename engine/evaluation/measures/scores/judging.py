"""What a language model says of a variant's samples, and what the samples say of the language."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.corpus.store import Corpus, SentenceStore
from engine.corpus.vocabulary import UNK
from engine.evaluation.measures.parts import Part, Texts
from engine.evaluation.measures.scores.bleu import self_bleu
from engine.evaluation.measures.scores.language_model import MOST_SENTENCES, LanguageModel, perplexity
from engine.evaluation.measures.scores.scoring import unique_runs
from engine.events import Event, Progress

_BLOCK = 100_000


@dataclass(frozen=True, slots=True)
class Judge:
    """The language model of the training text, and the test sentences that both perplexities are taken over.

    Attributes:
        model: counted over the training sentences.
        items: (n,) the measured test sentences without an unknown word: a sample has none, so a language model of
            samples would know nothing of it.
        tests: those sentences.
        known: a digest of every training sentence, sorted.
        floor: the reverse perplexity that as many real sentences have as samples are drawn.
        draws: how many that is.
        of: training sentences that there are.
    """

    model: LanguageModel
    items: NDArray[np.int64]
    tests: Texts
    known: NDArray[np.uint64]
    floor: float
    draws: int
    of: int

    def facts(self) -> dict[str, object]:
        """What is said of it beside the numbers."""
        words = f"{self.model.order} words" if self.model.order > 1 else "single words"
        own = self.model.nll(self.tests.ids, self.tests.offsets)
        return {
            "how": f"modified Kneser-Ney over runs of up to {words}, counted over {self.model.sentences:,} of "
            f"{self.of:,} training sentences",
            "sentences": self.model.sentences,
            "perplexity": perplexity(own, self.tests.lengths),
            "tests": len(self.tests),
            "reverse_floor": self.floor,
            "floor_sentences": min(self.draws, self.of),
        }


def make_judge(corpus: Corpus, n: int, draws: int) -> Generator[Event, None, Judge | None]:
    """Count the training text.

    Args:
        corpus: that the variants were trained on.
        n: test sentences that are measured.
        draws: samples that the reverse language models are counted over.

    Yields:
        Progress.

    Returns:
        None where no measured test sentence is free of unknown words.
    """
    store, vocabulary = corpus.train, len(corpus.vocabulary)
    digests, total = [], len(store)
    for start in range(0, total, _BLOCK):
        stop = min(start + _BLOCK, total)
        digests.append(sentence_digests(_texts(store, np.arange(start, stop))))
        yield Progress("training text: reading", stop, total, "sentence")
    text = _texts(store, evenly(total, MOST_SENTENCES))
    tests = _texts(corpus.test, np.arange(n))
    items = np.array([row for row in range(len(tests)) if UNK not in tests[row]], dtype=np.int64)
    if not len(items):
        return None
    chosen = Texts.of([tests[int(row)] for row in items])
    model = LanguageModel(text.ids, text.offsets, vocabulary)
    real = _texts(store, evenly(len(store), draws))
    beside = LanguageModel(real.ids, real.offsets, vocabulary)
    floor = perplexity(beside.nll(chosen.ids, chosen.offsets), chosen.lengths)
    known = np.unique(np.concatenate(digests))
    return Judge(model, items, chosen, known, floor, draws, len(store))


def judged(draws: Part, judge: Judge) -> Part:
    """What is said of a variant's samples: forward cost, repetitions, and whether each is a training sentence."""
    assert draws.texts is not None
    texts = draws.texts
    return Part(
        {
            "forward": judge.model.nll(texts.ids, texts.offsets),
            "unique_1": unique_runs(texts, 1),
            "unique_2": unique_runs(texts, 2),
            "self_bleu": self_bleu([texts[index] for index in range(len(texts))]),
            "known": np.isin(sentence_digests(texts), judge.known).astype(np.float64),
        }
    )


def reversed_judgement(draws: Part, judge: Judge) -> Part:
    """What test sentences cost a language model that is counted over a variant's samples."""
    assert draws.texts is not None
    model = LanguageModel(draws.texts.ids, draws.texts.offsets, judge.model.vocabulary)
    return Part({"items": judge.items, "nll": model.nll(judge.tests.ids, judge.tests.offsets)})


def evenly(there: int, most: int) -> NDArray[np.int64]:
    """Up to so many numbers, evenly spaced from 0 on."""
    return np.arange(there) if there <= most else np.linspace(0, there - 1, most).astype(np.int64)


def sentence_digests(texts: Texts) -> NDArray[np.uint64]:
    """A digest of each sentence, (n,): two of a million differ unless they are the same (XXH3, 64 bits)."""
    from xxhash import xxh3_64_intdigest

    ids = memoryview(np.ascontiguousarray(texts.ids, dtype=np.int32).data)
    bounds = zip(texts.offsets[:-1].tolist(), texts.offsets[1:].tolist(), strict=True)
    return np.fromiter((xxh3_64_intdigest(ids[start:end]) for start, end in bounds), np.uint64, len(texts))


def _texts(store: SentenceStore, rows: NDArray[np.int64]) -> Texts:
    if len(rows) and rows[-1] - rows[0] + 1 == len(rows):
        ids, offsets = store.block(int(rows[0]), int(rows[-1]) + 1)
        return Texts(ids.astype(np.int64), offsets)
    ids, lengths = store.batch(rows)
    inside = np.arange(ids.shape[1]) < lengths[:, None]
    return Texts(ids[inside], np.concatenate([[0], np.cumsum(lengths)]))
