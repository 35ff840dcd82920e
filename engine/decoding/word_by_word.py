"""Greedy search and sampling: one beginning a row, one word at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from engine.corpus.vocabulary import BOS, EOS
from engine.decoding.hypothesis import Hypothesis, Limits
from engine.decoding.options import DecodeOptions
from engine.decoding.scores import Scores
from engine.decoding.stepper import Stepper

Choose = Callable[[Scores, Tensor, int], Tensor]
"""From the scores of rows (rows, words), the numbers of these rows (rows,) and the time to the words chosen (rows,)."""


def word_by_word(stepper: Stepper, limits: Limits, choose: Choose) -> list[Hypothesis]:
    """A sentence a row, in their order. A row whose sentence has ended costs nothing more."""
    rows, longest = stepper.rows, limits.longest
    alive = torch.arange(rows, device=stepper.device)
    previous = torch.full((rows,), BOS, device=stepper.device)
    words = torch.full((rows, longest + 1), EOS, device=stepper.device)
    values = torch.zeros((rows, longest + 1), device=stepper.device)
    lengths = torch.full((rows,), longest, device=stepper.device)
    ended = torch.ones(rows, dtype=torch.bool, device=stepper.device)
    goes_on = None
    for time in range(longest + 1):
        stepper.read(previous, goes_on)
        for start in range(0, len(alive), stepper.rows_at_once):
            some = alive[start : start + stepper.rows_at_once]
            scores = stepper.scores(start, start + len(some), may_end=time >= limits.shortest)
            # Scores that are no numbers may choose a place beyond the words; they are told at the end.
            chosen = choose(scores, some, time).clamp_max(stepper.vocabulary - 1)
            if time == longest:
                ended[some] = chosen == EOS
                chosen = torch.full_like(chosen, EOS)
            values[some, time] = scores.of(chosen)
            words[some, time] = chosen
        chosen = words[alive, time]
        stops = chosen == EOS
        goes_on = None
        if bool(stops.any()):
            lengths[alive[stops]] = time
            goes_on = (~stops).nonzero().squeeze(1)
            if not len(goes_on):
                break
            alive, chosen = alive[goes_on], chosen[goes_on]
        previous = chosen
    return [
        Hypothesis(tuple(ids[:length]), tuple(value[: length + 1]), end)
        for ids, value, length, end in zip(
            words.tolist(), values.tolist(), lengths.tolist(), ended.tolist(), strict=True
        )
    ]


def best_word(scores: Scores, rows: Tensor, time: int) -> Tensor:
    """Greedy search's choice."""
    return scores.highest()


def draws(options: DecodeOptions, places: Sequence[int], longest: int) -> Choose:
    """The choice of sampling: each word by inverting the distribution function at a uniform number.

    The numbers of a row come from a generator of its own, so that they depend on the seed and on the row's place
    alone, not on what else is decoded.

    Args:
        options: temperature, top-k, top-p and seed.
        places: of the rows in their request.
        longest: words of the longest sentence.
    """
    numbers = [
        np.random.Generator(np.random.Philox(key=options.seed, counter=[0, 0, 0, place])).random(longest + 1)
        for place in places
    ]
    uniform = torch.from_numpy(np.stack(numbers))

    def choose(scores: Scores, rows: Tensor, time: int) -> Tensor:
        tempered = scores.dense().cpu().double() / options.temperature
        heights = uniform[rows.cpu(), time].unsqueeze(1)
        if options.top_p < 1 or options.top_k:
            number = min(options.top_k, tempered.shape[1]) or tempered.shape[1]
            tempered, words = tempered.topk(number, dim=1)
        weights = torch.softmax(tempered, dim=1)
        if options.top_p < 1:
            weights = weights.masked_fill(weights.cumsum(dim=1) - weights >= options.top_p, 0.0)
        heaped = weights.cumsum(dim=1)
        # Rounding never draws a word of no weight: the last place is the first one that reaches the whole.
        whole = heaped[:, -1:].contiguous()
        last = torch.searchsorted(heaped, whole).clamp_max(heaped.shape[1] - 1)
        place = torch.minimum(torch.searchsorted(heaped, heights * whole, right=True), last)
        if options.top_p < 1 or options.top_k:
            place = words.gather(1, place)
        return place.squeeze(1).to(rows.device)

    return choose
