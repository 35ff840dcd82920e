"""Beam search: the best sentences that a beam of so many beginnings finds, for all rows at once.

At each step every beginning is continued with every word. A sentence may end where EOS is among the `width` best
continuations: without that rule, stumps that break off where no sentence would ("I had to go to") beat whole sentences
by having fewer words to pay for. Finished sentences compete by their score alone. A beam as wide as there are
beginnings is an exhaustive search.

A beginning can only lose by growing. It is dropped as soon as no sentence that it may still become can be among the
`n_best`; that changes no result, because whatever it would keep out of the beam scores lower still. (With groups, the
whole row is dropped when that is so for all of them.)
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.corpus.vocabulary import BOS, EOS
from engine.decoding.hypothesis import Hypothesis, Limits
from engine.decoding.scores import Continuations, Scores
from engine.decoding.stepper import Stepper


@dataclass(frozen=True, slots=True)
class BeamSettings:
    """`DecodeOptions` of a beam, unchecked, so that a test may search exhaustively."""

    width: int
    n_best: int = 1
    length_normalisation: float = 0.0
    groups: int = 1
    diversity: float = 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """What a search did at one time, exactly; all (searches, continuations), best first.

    Attributes:
        searches: (searches,) their numbers: row x groups + group.
        parents: the number of the beginning that is continued; the empty ones of all searches come first.
        words: that continue it.
        values: their log-probabilities.
        totals: of beginning and word; -inf where there is no continuation.
        ended: whether it is a finished sentence.
        kept: whether the search goes on from it.
        nodes: the numbers of those that are kept, in order.
    """

    searches: Tensor
    parents: Tensor
    words: Tensor
    values: Tensor
    totals: Tensor
    ended: Tensor
    kept: Tensor
    nodes: Tensor


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


def beam_search(
    stepper: Stepper, settings: BeamSettings, limits: Limits, trace: list[Step] | None = None
) -> list[list[Hypothesis]]:
    """The `n_best` sentences of every row, best first; fewer where there are no more.

    Args:
        stepper: the rows.
        settings: width and the rest.
        limits: of the sentences' lengths.
        trace: gets every step of the search, where given.
    """
    rows, groups, device = stepper.rows, settings.groups, stepper.device
    width = settings.width // groups
    searches = rows * groups
    tree = _Tree(searches, device)
    finished = _Finished(searches, settings.n_best, device)

    live = torch.arange(searches, device=device)
    counts = torch.ones(searches, dtype=torch.long, device=device)
    nodes = torch.arange(searches, device=device)
    totals = torch.zeros(searches, device=device)
    previous = torch.full((searches,), BOS, device=device)
    parents = torch.arange(rows, device=device).repeat_interleave(groups)
    longest_norm = (limits.longest + 1) ** settings.length_normalisation

    for time in range(limits.longest + 1):
        norm = (time + 1) ** settings.length_normalisation
        stepper.read(previous, parents)
        searched = _Searched(live, counts, totals, settings.groups)
        if time == limits.longest:
            found, would_end = searched.forced_ends(stepper)
            ends, kept = found.totals > -torch.inf, torch.zeros_like(found.words, dtype=torch.bool)
        else:
            found = searched.continuations(stepper, settings, may_end=time >= limits.shortest)
            kept = _kept(found, width)
            ends = would_end = (found.words == EOS) & (torch.arange(found.words.shape[1], device=device) < width)
        beginnings = nodes[found.parents]
        finished.add(live, (found.totals / norm).masked_fill(~ends, -torch.inf), beginnings, found.values, would_end)
        goes_on = kept & (found.totals / longest_norm > finished.scores[live, -1:])
        if groups > 1:  # What one group goes on with costs the next, so all go on until none of the row can gain.
            gains = torch.zeros(rows, dtype=torch.long, device=device).index_add_(0, live // groups, goes_on.sum(dim=1))
            goes_on = kept & (gains[live // groups] > 0).unsqueeze(1)
        parents, totals, previous = found.parents[goes_on], found.totals[goes_on], found.words[goes_on]
        nodes = tree.grow(nodes[parents], previous, found.values[goes_on])
        if trace is not None:
            trace.append(Step(live, beginnings, found.words, found.values, found.totals, ends, goes_on, nodes))
        if not len(parents):
            break
        counts = goes_on.sum(dim=1)
        live, counts = live[counts > 0], counts[counts > 0]
    return _hypotheses(tree, finished, rows, settings)


class _Searched:
    """Where the beginnings of each search lie, and their continuations, some searches after the others.

    Args:
        live: (searches,) numbers of the searches; the groups of a row are neighbours.
        counts: (searches,) beginnings of each.
        totals: (rows,) of the beginnings, those of a search side by side.
        groups: of each row.
    """

    def __init__(self, live: Tensor, counts: Tensor, totals: Tensor, groups: int) -> None:
        self._live, self._counts, self._totals, self._groups = live, counts, totals, groups
        column = torch.arange(int(counts.max()), device=live.device)
        self.there = column < counts.unsqueeze(1)  # (searches, beams)
        self.place = (counts.cumsum(0) - counts).unsqueeze(1) + column.clamp_max(counts.unsqueeze(1) - 1)

    def forced_ends(self, stepper: Stepper) -> tuple[Continuations, Tensor]:
        """Every beginning with EOS, best first, (searches, beams), and whether EOS would have been the choice."""
        values, highest = [], []
        for _, rows in self._parts(stepper.rows_at_once):
            scores = stepper.scores(rows.start, rows.stop, may_end=True)
            values.append(scores.of(EOS))
            highest.append(scores.highest() == EOS)
        ends = torch.cat(values)
        totals, order = (self._totals + ends)[self.place].masked_fill(~self.there, -torch.inf).sort(descending=True)
        parents = self.place.gather(1, order)
        found = Continuations(parents, torch.full_like(parents, EOS), ends[parents], totals)
        return found, torch.cat(highest)[parents]

    def continuations(self, stepper: Stepper, settings: BeamSettings, may_end: bool) -> Continuations:
        """The 2 x width best of each search: at most width of them end, which leaves as many that go on."""
        width = settings.width // settings.groups
        found = []
        for some, rows in self._parts(stepper.rows_at_once):
            scores = stepper.scores(rows.start, rows.stop, may_end)
            place, there, totals = self.place[some] - rows.start, self.there[some], self._totals[rows]
            if settings.groups == 1:
                part = scores.best(totals, place, there, 2 * width)
            else:
                part = self._group_by_group(scores, totals, place, there, some, settings)
            found.append(replace(part, parents=part.parents + rows.start))
        return Continuations.joined(found)

    def _group_by_group(
        self, scores: Scores, totals: Tensor, place: Tensor, there: Tensor, some: slice, settings: BeamSettings
    ) -> Continuations:
        """One group after the other: a word costs a group `diversity` for each beginning of an earlier group of its
        row that goes on with it at this time (Hamming diversity, equations 5 and 6 of Vijayakumar et al. 2018). The
        cost decides what is kept; the scores remain the model's.
        """
        width = settings.width // settings.groups
        live = self._live[some]
        _, row = torch.unique_consecutive(live // settings.groups, return_inverse=True)
        said = totals.new_zeros((int(row[-1]) + 1, scores.words))
        row_of_beginning = row.repeat_interleave(self._counts[some])
        found, order = [], []
        for turn in range(settings.groups):
            own = (live % settings.groups == turn).nonzero().squeeze(1)
            cost = settings.diversity * said[row_of_beginning]
            part = scores.best(totals, place[own], there[own], 2 * width, cost)
            said.index_put_((row[own].unsqueeze(1), part.words), _kept(part, width).to(said.dtype), accumulate=True)
            found.append(part)
            order.append(own)
        return Continuations.joined(found, torch.cat(order).argsort())

    def _parts(self, rows_at_once: int) -> Iterator[tuple[slice, slice]]:
        """Slices of the searches, and of their rows: so many rows, or one row's groups where those are more."""
        counts, owners = self._counts.tolist(), (self._live // self._groups).tolist()
        first = first_row = row = 0
        for search, count in enumerate(counts):
            ends_a_row = search > first and owners[search] != owners[search - 1]
            if ends_a_row and row + count - first_row > rows_at_once:
                yield slice(first, search), slice(first_row, row)
                first, first_row = search, row
            row += count
        yield slice(first, len(counts)), slice(first_row, row)


def _kept(found: Continuations, width: int) -> Tensor:
    """Which continuations are the `width` best that do not end; (searches, 2 x width)."""
    goes_on = (found.words != EOS) & (found.totals > -torch.inf)
    return goes_on & (goes_on.cumsum(dim=1) <= width)


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
