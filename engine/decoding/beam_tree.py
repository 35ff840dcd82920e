"""What a beam search did with one latent, as a tree to look at: every continuation that it weighed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from engine.corpus.vocabulary import BOS, EOS
from engine.decoding.beam import Step, beam_search
from engine.decoding.decode import Hypothesis, Limits, UnrolledDecoder, beam_settings, finite
from engine.decoding.options import DecodeOptions
from engine.decoding.stepper import Stepper
from engine.errors import UsageError

NodeState = Literal["kept", "pruned", "ended", "best"]


@dataclass(frozen=True, slots=True)
class BeamNode:
    """A beginning, or a finished sentence, that the search weighed.

    Attributes:
        parent: index of the beginning that it continues; -1 at the root, which is the start of the sentence.
        depth: words so far; EOS counts.
        word: id of its last word.
        text: that word.
        log_probability: of that word, in nats.
        total: log p of everything so far, in nats.
        state: `kept` if the search went on from it, `pruned` if it did not, `ended` if it is a finished sentence;
            `best` on the way to the sentence that won.
        group: of the diverse beams.
    """

    parent: int
    depth: int
    word: int
    text: str
    log_probability: float
    total: float
    state: NodeState
    group: int


@dataclass(frozen=True, slots=True)
class BeamTree:
    """The nodes, each after its parent, those of a step best first; and the sentences found, best first."""

    nodes: tuple[BeamNode, ...]
    sentences: tuple[Hypothesis, ...]

    def children(self) -> list[list[int]]:
        """Of every node the indices of its continuations, best first."""
        found: list[list[int]] = [[] for _ in self.nodes]
        for index, node in enumerate(self.nodes):
            if node.parent >= 0:
                found[node.parent].append(index)
        return found


@torch.inference_mode()
def beam_tree(
    decoder: UnrolledDecoder,
    z: Tensor,
    options: DecodeOptions,
    max_words: int,
    min_words: int = 1,
    words: Sequence[str] | None = None,
) -> BeamTree:
    """Decode one latent by beam search and keep all that the search weighed.

    At each step these are the 2 x `options.beam` best continuations of the beginnings (of each group).

    Args:
        decoder: of a model in evaluation mode.
        z: (1, latent).
        options: of a beam search.
        max_words, min_words: where the options do not say.
        words: the vocabulary; ids are written as numbers without it.

    Raises:
        UsageError: the options are not those of a beam search, or do not fit the vocabulary or the lengths.
        LoomError: the decoder's numbers overflow.
    """
    if options.method != "beam":
        raise UsageError(f"Only a beam search has a tree, not {options.describe()}.", "Choose a beam.")
    settings = beam_settings(options, decoder.vocabulary)
    trace: list[Step] = []
    stepper = Stepper([decoder], [z], options.allow_unknown)
    sentences = finite(beam_search(stepper, settings, Limits.of(options, max_words, min_words), trace))[0]

    def name(word: int) -> str:
        return str(word) if words is None else words[word]

    nodes = [BeamNode(-1, 0, BOS, name(BOS), 0.0, 0.0, "kept", 0)]
    index_of = dict.fromkeys(range(options.groups), 0)
    for depth, step in enumerate(trace, start=1):
        numbers = iter(step.nodes.tolist())
        columns = (step.parents, step.words, step.values, step.totals, step.ended, step.kept)
        for search, *row in zip(step.searches.tolist(), *(each.tolist() for each in columns), strict=True):
            for parent, word, value, total, ended, kept in zip(*row, strict=True):
                if kept:
                    index_of[next(numbers)] = len(nodes)
                if total > -torch.inf:
                    state: NodeState = "kept" if kept else "ended" if ended else "pruned"
                    nodes.append(BeamNode(index_of[parent], depth, word, name(word), value, total, state, search))
    for index in _way(nodes, (*sentences[0].ids, EOS)):
        nodes[index] = replace(nodes[index], state="best")
    return BeamTree(tuple(nodes), tuple(sentences))


def _way(nodes: Sequence[BeamNode], words: Sequence[int]) -> list[int]:
    """From the root to the finished sentence of these words, in the first group that found it."""
    last = next(
        index
        for index, node in enumerate(nodes)
        if node.state == "ended" and node.depth == len(words) and _words(nodes, index) == list(words)
    )
    way = [last]
    while nodes[way[-1]].parent >= 0:
        way.append(nodes[way[-1]].parent)
    return way


def _words(nodes: Sequence[BeamNode], index: int) -> list[int]:
    words: list[int] = []
    while nodes[index].parent >= 0:
        words.append(nodes[index].word)
        index = nodes[index].parent
    return words[::-1]
