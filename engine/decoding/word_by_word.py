"""Greedy search and sampling: one beginning a row, one word at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from engine.corpus.vocabulary import BOS, EOS
from engine.decoding.hypothesis import Hypothesis, Limits
from engine.decoding.stepper import Stepper
from engine.decoding_options import DecodeOptions

Choose = Callable[[Tensor, Tensor, int], Tensor]
"""From scores (alive, vocabulary), the rows they belong to (alive,) and the time to the words chosen (alive,)."""


def word_by_word(stepper: Stepper, limits: Limits, choose: Choose) -> list[Hypothesis]:
    """A sentence a row; rows that have ended are dropped."""
    rows, longest = stepper.rows, limits.longest
    alive = torch.arange(rows, device=stepper.device)
    previous = torch.full((rows,), BOS, device=stepper.device)
    words = torch.full((rows, longest + 1), EOS, device=stepper.device)
    values = torch.zeros((rows, longest + 1), device=stepper.device)
    lengths = torch.full((rows,), longest, device=stepper.device)
    ended = torch.ones(rows, dtype=torch.bool, device=stepper.device)
    for time in range(longest + 1):
        scores = stepper(previous)
        if time < limits.shortest:
            scores[:, EOS] = -torch.inf
        chosen = choose(scores, alive, time)
        if time == longest:
            ended[alive] = chosen == EOS
            chosen = torch.full_like(chosen, EOS)
        values[alive, time] = scores.gather(1, chosen.unsqueeze(1)).squeeze(1)
        words[alive, time] = chosen
        stops = chosen == EOS
        if bool(stops.any()):
            lengths[alive[stops]] = time
            goes_on = (~stops).nonzero().squeeze(1)
            if not len(goes_on):
                break
            stepper.take(goes_on)
            alive, chosen = alive[goes_on], chosen[goes_on]
        previous = chosen
    return [
        Hypothesis(tuple(ids[:length]), tuple(value[: length + 1]), end)
        for ids, value, length, end in zip(
            words.tolist(), values.tolist(), lengths.tolist(), ended.tolist(), strict=True
        )
    ]


def best_word(scores: Tensor, rows: Tensor, time: int) -> Tensor:
    """Greedy search's choice."""
    return scores.argmax(dim=1)


def draws(options: DecodeOptions, places: Tensor, longest: int) -> Choose:
    """The choice of sampling: each word by inverting the distribution function at a uniform number.

    The numbers of a row come from a generator of its own, so that they depend on the seed and on the row's place
    alone, not on what else is decoded.

    Args:
        options: temperature, top-k, top-p and seed.
        places: (rows,) of the rows in their request.
        longest: words of the longest sentence.
    """
    numbers = [
        np.random.Generator(np.random.Philox(key=options.seed, counter=[0, 0, 0, place])).random(longest + 1)
        for place in places.tolist()
    ]
    uniform = torch.from_numpy(np.stack(numbers))

    def choose(scores: Tensor, rows: Tensor, time: int) -> Tensor:
        heights = uniform[rows.cpu(), time].to(torch.float32).to(scores.device)
        ranked, order = scores.sort(dim=1, descending=True, stable=True)
        weights = torch.softmax(ranked / options.temperature, dim=1)
        if options.top_k:
            weights[:, options.top_k :] = 0.0
            weights /= weights.sum(dim=1, keepdim=True)
        if options.top_p < 1:
            weights = weights.masked_fill(weights.cumsum(dim=1) - weights >= options.top_p, 0.0)
        heaped = weights.cumsum(dim=1)
        place = torch.searchsorted(heaped, heights.unsqueeze(1) * heaped[:, -1:], right=True)
        last = (weights > 0).sum(dim=1, keepdim=True) - 1
        return order.gather(1, torch.minimum(place, last)).squeeze(1)

    return choose
