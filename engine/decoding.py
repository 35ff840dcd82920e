"""From z to sentences: greedy search, beam search and sampling, batched over one step function.

Every decoder gets a `Stepper`, which turns the words before into log p(next word | words before, z) over the whole
vocabulary, and returns one `Hypothesis` a row of z. Scores are log p(x|z) of the model in nats, EOS included; words
that are ruled out (the start, the padding, the unknown word unless asked for) are never proposed, but the scores of
the others are not rescaled for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.corpus.vocabulary import BOS, EOS, PAD, UNK
from engine.decoding_options import DecodeOptions
from engine.models.recurrent import State
from engine.models.sentence_vae import SentenceVAE


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A decoded sentence: word ids without EOS, and log p(x|z) in nats, EOS included.

    `ended` is False where the sentence met the limit of words before the decoder would have ended it; its score
    then includes the EOS that was put there.
    """

    ids: tuple[int, ...]
    log_probability: float
    ended: bool


class Stepper:
    """The next word's log-probabilities for rows of z.

    Args:
        model: in evaluation mode.
        z: (rows, latent).
        allow_unknown: whether the unknown word may be proposed.
    """

    def __init__(self, model: SentenceVAE, z: Tensor, allow_unknown: bool) -> None:
        self._model = model
        self.z = z
        self.state: State = model.decoder.initial_state(z)
        self._ruled_out = [PAD, BOS] if allow_unknown else [PAD, BOS, UNK]

    def __call__(self, previous: Tensor) -> Tensor:
        """Advance all rows by one word.

        Args:
            previous: (rows,) the word before, BOS at first.

        Returns:
            (rows, vocabulary) log-probabilities, -inf for words that are ruled out.
        """
        logits, self.state = self._model.step(previous, self.z, self.state)
        logits = logits.float()
        scores = logits - torch.logsumexp(logits, dim=1, keepdim=True)
        scores[:, self._ruled_out] = -torch.inf
        return scores

    def take(self, rows: Tensor) -> None:
        """Go on with these rows only, in this order; a row may be taken several times."""
        self.z = self.z[rows]
        self.state = tuple(part[:, rows].contiguous() for part in self.state)


@torch.no_grad()
def decode(
    model: SentenceVAE, z: Tensor, options: DecodeOptions, max_words: int, min_words: int = 1
) -> list[Hypothesis]:
    """Decode every row of z.

    Args:
        model: in evaluation mode.
        z: (rows, latent), on the model's device.
        options: `options.max_words`, where given, replaces `max_words`.
        max_words: the longest sentence.
        min_words: the shortest, where `options.min_words` does not say.

    Returns:
        one hypothesis a row, in order.
    """
    if not len(z):
        return []
    limit = options.max_words or max_words
    shortest = min(min_words if options.min_words is None else options.min_words, limit)
    stepper = Stepper(model, z, options.allow_unknown)
    if options.method == "greedy":
        return _one_by_one(stepper, shortest, limit, lambda scores: scores.argmax(dim=1))
    if options.method == "top-p":
        random = torch.Generator().manual_seed(options.seed)
        return _one_by_one(stepper, shortest, limit, lambda scores: _draw(scores, options, random))
    return _beam(stepper, min(options.beam, model.embedding.num_embeddings), shortest, limit)


def _one_by_one(stepper: Stepper, shortest: int, limit: int, choose: Callable[[Tensor], Tensor]) -> list[Hypothesis]:
    """Greedy search and sampling: one beginning a row; rows that have ended are dropped."""
    rows = len(stepper.z)
    device = stepper.z.device
    alive = torch.arange(rows, device=device)
    previous = torch.full((rows,), BOS, device=device)
    words = torch.zeros((rows, limit), dtype=torch.long, device=device)
    lengths = torch.full((rows,), limit, device=device)
    totals = torch.zeros(rows, device=device)
    ended = torch.ones(rows, dtype=torch.bool, device=device)
    for time in range(limit + 1):
        scores = stepper(previous)
        if time < shortest:
            scores[:, EOS] = -torch.inf
        chosen = choose(scores)
        if time == limit:
            ended[alive] = chosen == EOS
            chosen = torch.full_like(chosen, EOS)
        totals[alive] += scores.gather(1, chosen.unsqueeze(1)).squeeze(1)
        stops = chosen == EOS
        lengths[alive[stops]] = time
        if time == limit or bool(stops.all()):
            break
        words[alive, time] = chosen
        if bool(stops.any()):
            goes_on = (~stops).nonzero().squeeze(1)
            stepper.take(goes_on)
            alive, chosen = alive[goes_on], chosen[goes_on]
        previous = chosen
    return _hypotheses(words, lengths, totals, ended)


def _draw(scores: Tensor, options: DecodeOptions, random: torch.Generator) -> Tensor:
    """A word a row from the nucleus of `options.top_p`; (rows,)."""
    probabilities = torch.softmax(scores / options.temperature, dim=1).cpu()
    if options.top_p < 1:
        ranked, order = probabilities.sort(dim=1, descending=True)
        outside = ranked.cumsum(dim=1) - ranked >= options.top_p
        probabilities = probabilities.scatter(1, order, ranked.masked_fill(outside, 0.0))
    return torch.multinomial(probabilities, 1, generator=random).squeeze(1).to(scores.device)


def _beam(stepper: Stepper, width: int, shortest: int, limit: int) -> list[Hypothesis]:
    """The sentence of highest log p(x|z) that a beam of `width` beginnings finds.

    At each step every beginning is continued with every word. A sentence may end where EOS is among the `width` best
    continuations: without that rule, stumps that break off where no sentence would ("I had to go to") beat whole
    sentences by having fewer words to pay for. Finished sentences compete by their score alone. A row is done once
    its best finished sentence scores at least as high as its best beginning, because a beginning can only lose by
    growing. A beam as wide as there are beginnings is an exhaustive search.
    """
    rows = len(stepper.z)
    device = stepper.z.device
    best_total = torch.full((rows,), -torch.inf, device=device)
    best_words = torch.zeros((rows, limit), dtype=torch.long, device=device)
    best_length = torch.zeros(rows, dtype=torch.long, device=device)
    ended = torch.ones(rows, dtype=torch.bool, device=device)

    alive = torch.arange(rows, device=device)
    totals = torch.zeros((rows, 1), device=device)
    prefixes = torch.zeros((rows, 1, limit), dtype=torch.long, device=device)
    previous = torch.full((rows,), BOS, device=device)

    def finish(finals: Tensor, parents: Tensor, time: int) -> Tensor:
        """Note the best of these final scores (alive, candidates) where it beats the best so far; which rows did."""
        final, index = finals.max(dim=1)
        better = final > best_total[alive]
        winners = alive[better]
        best_total[winners] = final[better]
        best_length[winners] = time
        parent = parents.gather(1, index.unsqueeze(1)).squeeze(1)
        best_words[winners] = prefixes[better, parent[better]]
        return better

    for time in range(limit + 1):
        beams = totals.shape[1]
        scores = stepper(previous).view(len(alive), beams, -1)
        if time < shortest:
            scores[:, :, EOS] = -torch.inf
        if time == limit:  # Every sentence ends here; for which would EOS have been the choice?
            finals = totals + scores[:, :, EOS]
            would_end = scores.argmax(dim=2).gather(1, finals.argmax(dim=1, keepdim=True)).squeeze(1) == EOS
            better = finish(finals, torch.arange(beams, device=device).expand_as(finals), time)
            ended[alive[better]] = would_end[better]
            break
        # The 2 x width best continuations: at most width of them end, which leaves as many that go on.
        values, words = scores.topk(min(2 * width, scores.shape[2]), dim=2)
        candidates = (totals.unsqueeze(2) + values).flatten(1)
        ranked, place = candidates.topk(min(2 * width, candidates.shape[1]), dim=1)
        parents = place // values.shape[2]
        words = words.flatten(1).gather(1, place)
        ends = words == EOS
        finish(ranked[:, :width].masked_fill(~ends[:, :width], -torch.inf), parents[:, :width], time)

        totals, kept = ranked.masked_fill(ends, -torch.inf).topk(min(width, ranked.shape[1]), dim=1)
        parents, words = parents.gather(1, kept), words.gather(1, kept)
        prefixes = prefixes.gather(1, parents.unsqueeze(2).expand(-1, -1, limit))
        prefixes[:, :, time] = words
        goes_on = (totals[:, 0] > best_total[alive]).nonzero().squeeze(1)
        if not len(goes_on):
            break
        offsets = torch.arange(len(alive), device=device).unsqueeze(1) * beams
        stepper.take((parents + offsets)[goes_on].flatten())
        alive, totals, prefixes = alive[goes_on], totals[goes_on], prefixes[goes_on]
        previous = words[goes_on].flatten()
    return _hypotheses(best_words, best_length, best_total, ended)


def _hypotheses(words: Tensor, lengths: Tensor, totals: Tensor, ended: Tensor) -> list[Hypothesis]:
    return [
        Hypothesis(tuple(ids[:length]), total, end)
        for ids, length, total, end in zip(
            words.tolist(), lengths.tolist(), totals.tolist(), ended.tolist(), strict=True
        )
    ]
