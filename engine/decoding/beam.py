"""Beam search: the best sentences that a beam of so many beginnings finds, for all rows at once.

At each step every beginning is continued with every word. A sentence may end where EOS is among the `width` best
continuations: without that rule, stumps that break off where no sentence would ("I had to go to") beat whole sentences
by having fewer words to pay for. Finished sentences compete by their score alone. A beam as wide as there are
beginnings is an exhaustive search.

A beginning can only lose by growing. It is dropped as soon as no sentence that it may still become can be among the
`n_best`; that changes no result, because whatever it would keep out of the beam scores lower still.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.corpus.vocabulary import BOS, EOS
from engine.decoding.hypothesis import Hypothesis, Limits
from engine.decoding.stepper import Stepper


@dataclass(frozen=True, slots=True)
class BeamSettings:
    """`DecodeOptions` of a beam, unchecked, so that a test may search exhaustively."""

    width: int
    n_best: int = 1
    length_normalisation: float = 0.0
    groups: int = 1
    diversity: float = 0.0


class _Tree:
    """All beginnings that were kept: each points to the one that it continues, and has a word and its log p."""

    def __init__(self, roots: int, device: torch.device) -> None:
        self._parents = [torch.full((roots,), -1, device=device)]
        self._words = [torch.full((roots,), BOS, device=device)]
        self._values = [torch.zeros(roots, device=device)]
        self._size = roots

    def grow(self, parents: Tensor, words: Tensor, values: Tensor) -> Tensor:
        """Add beginnings; their numbers."""
        for parts, part in zip((self._parents, self._words, self._values), (parents, words, values), strict=True):
            parts.append(part)
        self._size += len(parents)
        return torch.arange(self._size - len(parents), self._size, device=parents.device)

    def read(self, nodes: Tensor) -> list[tuple[list[int], list[float]]]:
        """Words and their log-probabilities from the root to each of these nodes."""
        parents, words, values = (torch.cat(each).tolist() for each in (self._parents, self._words, self._values))
        found = []
        for node in nodes.tolist():
            way = []
            while parents[node] >= 0:
                way.append(node)
                node = parents[node]
            found.append(([words[each] for each in reversed(way)], [values[each] for each in reversed(way)]))
        return found


class _Finished:
    """The `n_best` finished sentences of every search so far, best first."""

    def __init__(self, searches: int, n_best: int, device: torch.device) -> None:
        self.scores = torch.full((searches, n_best), -torch.inf, device=device)
        self.nodes = torch.zeros((searches, n_best), dtype=torch.long, device=device)
        self.ends = torch.zeros((searches, n_best), device=device)
        self.ended = torch.ones((searches, n_best), dtype=torch.bool, device=device)

    def add(self, live: Tensor, scores: Tensor, nodes: Tensor, ends: Tensor, ended: Tensor) -> None:
        """Let these finished sentences (live, candidates) compete; those that are none have the score -inf."""
        joined = torch.cat([self.scores[live], scores], dim=1)
        best, order = joined.topk(self.scores.shape[1], dim=1)
        self.scores[live] = best
        for own, new in ((self.nodes, nodes), (self.ends, ends), (self.ended, ended)):
            own[live] = torch.cat([own[live], new], dim=1).gather(1, order)


def beam_search(stepper: Stepper, settings: BeamSettings, limits: Limits) -> list[list[Hypothesis]]:
    """The `n_best` sentences of every row, best first; fewer where there are no more."""
    rows, groups, device = stepper.rows, settings.groups, stepper.device
    width = settings.width // groups
    searches = rows * groups
    if groups > 1:
        stepper.take(torch.arange(rows, device=device).repeat_interleave(groups))
    tree = _Tree(searches, device)
    finished = _Finished(searches, settings.n_best, device)

    live = torch.arange(searches, device=device)
    counts = torch.ones(searches, dtype=torch.long, device=device)
    nodes = torch.arange(searches, device=device)
    totals = torch.zeros(searches, device=device)
    previous = torch.full((searches,), BOS, device=device)
    longest_norm = (limits.longest + 1) ** settings.length_normalisation

    for time in range(limits.longest + 1):
        norm = (time + 1) ** settings.length_normalisation
        scores = stepper(previous)
        if time < limits.shortest:
            scores[:, EOS] = -torch.inf
        # Where the beginnings of each search lie: (live, beams), with places left over where there are fewer.
        beams = int(counts.max())
        column = torch.arange(beams, device=device)
        there = column < counts.unsqueeze(1)
        place = (counts.cumsum(0) - counts).unsqueeze(1) + column.clamp_max(counts.unsqueeze(1) - 1)

        if time == limits.longest:  # Every sentence ends here; for which would EOS have been the choice?
            ends = scores[place, EOS]
            finals = ((totals[place] + ends) / norm).masked_fill(~there, -torch.inf)
            finished.add(live, finals, nodes[place], ends, (scores.argmax(dim=1) == EOS)[place])
            break

        found = _continuations(scores, totals, place, there, live, settings)
        ends = found.words == EOS
        best = (found.totals[:, :width] / norm).masked_fill(~ends[:, :width], -torch.inf)
        finished.add(live, best, nodes[found.parents[:, :width]], found.values[:, :width], ends[:, :width])

        kept = ~ends & ((~ends).cumsum(dim=1) <= width)
        goes_on = kept & (found.totals / longest_norm > finished.scores[live, -1:])
        counts, parents = goes_on.sum(dim=1), found.parents[goes_on]
        if not len(parents):
            break
        totals, previous = found.totals[goes_on], found.words[goes_on]
        nodes = tree.grow(nodes[parents], previous, found.values[goes_on])
        live, counts = live[counts > 0], counts[counts > 0]
        stepper.take(parents)
    return _hypotheses(tree, finished, rows, settings)


@dataclass(frozen=True, slots=True)
class _Continuations:
    """The best continuations of every search's beginnings, best first; each (live, 2 x width).

    Attributes:
        parents: places of the beginnings in the stepper.
        words: the words that continue them.
        values: the words' log-probabilities.
        totals: of the beginning and the word; -inf where there are fewer continuations.
    """

    parents: Tensor
    words: Tensor
    values: Tensor
    totals: Tensor


def _continuations(
    scores: Tensor, totals: Tensor, place: Tensor, there: Tensor, live: Tensor, settings: BeamSettings
) -> _Continuations:
    """The 2 x width best: at most width of them end, which leaves as many that go on.

    With groups, one group after the other: a word costs it `diversity` for each beginning of an earlier group of the
    same row that goes on with it at this time (Hamming diversity, equations 5 and 6 of Vijayakumar et al. 2018). The
    cost decides what is kept; the scores remain the model's.

    Args:
        scores: (beginnings, vocabulary) log-probabilities.
        totals: (beginnings,).
        place: (live, beams) of each search's beginnings.
        there: (live, beams) False where a search has fewer.
        live: (live,) searches; a row's groups are neighbours.
    """
    width = settings.width // settings.groups
    if settings.groups == 1:
        return _best(scores, totals, place, there, 2 * width)
    rows, group = live // settings.groups, live % settings.groups
    said = scores.new_zeros((int(rows.max()) + 1, scores.shape[1]))
    parts, order = [], []
    for turn in range(settings.groups):
        own = (group == turn).nonzero().squeeze(1)
        if len(own):
            part = _best(scores, totals, place[own], there[own], 2 * width, settings.diversity * said[rows[own]])
            goes_on = part.words != EOS
            kept = goes_on & (goes_on.cumsum(dim=1) <= width) & (part.totals > -torch.inf)
            said[rows[own]] = said[rows[own]].scatter_add(1, part.words, kept.to(said.dtype))
            parts.append(part)
            order.append(own)
    back = torch.cat(order).argsort()
    return _Continuations(
        *(torch.cat([getattr(part, name) for part in parts])[back] for name in ("parents", "words", "values", "totals"))
    )


def _best(
    scores: Tensor, totals: Tensor, place: Tensor, there: Tensor, number: int, cost: Tensor | None = None
) -> _Continuations:
    """The `number` best continuations of some searches, by total less the words' cost (searches, vocabulary)."""
    values = scores[place]  # (searches, beams, vocabulary)
    candidates = totals[place].unsqueeze(2) + values
    ranks = candidates if cost is None else candidates - cost.unsqueeze(1)
    ranks = ranks.masked_fill(~there.unsqueeze(2), -torch.inf).flatten(1)
    ranked, order = ranks.topk(min(number, ranks.shape[1]), dim=1)
    words = order % scores.shape[1]
    parents = place.gather(1, order // scores.shape[1])
    totals = candidates.flatten(1).gather(1, order).masked_fill(ranked == -torch.inf, -torch.inf)
    return _Continuations(parents, words, scores[parents, words], totals)


def _hypotheses(tree: _Tree, finished: _Finished, rows: int, settings: BeamSettings) -> list[list[Hypothesis]]:
    """The best of each row over its groups; a sentence that several groups found counts once."""
    numbers = [each.flatten().tolist() for each in (finished.scores, finished.ends, finished.ended)]
    ways = tree.read(finished.nodes.flatten())
    size = len(ways) // rows
    lists = []
    for start in range(0, len(ways), size):
        found: dict[tuple[int, ...], tuple[float, Hypothesis]] = {}
        for each in range(start, start + size):
            score, end, ended = (column[each] for column in numbers)
            words, values = ways[each]
            if score > -math.inf and tuple(words) not in found:
                found[tuple(words)] = (score, Hypothesis(tuple(words), (*values, end), ended))
        best = sorted(found.values(), key=lambda pair: -pair[0])[: settings.n_best]
        lists.append([replace(hypothesis, rank=rank) for rank, (_, hypothesis) in enumerate(best)])
    return lists
