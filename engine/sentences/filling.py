"""Filling missing words: `he ___ the door`, scored through the latent variable.

A word w is scored by the probability of the whole sentence x_w that it makes, z integrated out:

    log p(x_w) ~ log 1/K sum_k p(x_w|z_k) p(z_k) / q(z_k|x_w),   z_k ~ q(z|x_w)

(Burda, Grosse and Salakhutdinov 2016, eq. 8; see `engine.diagnostics.importance`). So the words behind the blank count
as much as those before it, and each word is judged at the latents that its own sentence has. p(w | the rest) is
p(x_w) over its sum over all words; `share` takes that sum over the words that were scored.

Scoring every word of a vocabulary takes minutes, so some are proposed: a beam runs over the sentence, free at the
blanks only, at the mean of q(z | the sentence with the unknown word in its blanks), and half of its places go to the
most common words. (Where z stores much, it stores that a word is unknown, and the decoder alone proposes odd ones.)
The proposals are ranked by log p(x_w|mu) - KL at the mean of their own q(z|x_w), and the best `candidates` are scored
as above. With as many candidates as there are words, nothing is left out, and the ranking is that of the estimator.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from engine.corpus.tokens import BLANK
from engine.corpus.vocabulary import BOS, SPECIALS
from engine.decoding.seeds import checked_seed
from engine.decoding.teacher_forcing import token_log_probabilities
from engine.diagnostics.importance import log_mean_exp, log_weights
from engine.errors import LoomError
from engine.models.objective import gaussian_kl
from engine.models.sentence_vae import SentenceVAE
from engine.sentences.blanks import check_numbers, read_blanks
from engine.sentences.variant_answers import Refused, asked

if TYPE_CHECKING:
    from engine.runs.typed import Typed
    from engine.session import Session

PROPOSED = 512
"""Proposals, at least."""

_SCORES = 2**24
"""Continuations that the beam looks at together: bounds its memory where blanks follow blanks."""
_DRAFTED = 256
"""Proposals between two drafts."""
_ROWS = 512
"""Sentences of the importance weights between two answers: a request that is no longer wanted ends there."""


@dataclass(frozen=True, slots=True)
class Filling:
    """One way to fill the blanks.

    Attributes:
        words: one a blank.
        text: the whole sentence for people.
        log_probability: log p(x) of the whole sentence, nats, EOS included: estimated with K samples, or, in a draft,
            log p(x|mu) - KL.
        share: of the probability of all candidates that were scored, 0 to 1.
    """

    words: tuple[str, ...]
    text: str
    log_probability: float
    share: float


@dataclass(frozen=True, slots=True)
class Fillings:
    """What one variant puts into the blanks.

    Attributes:
        typed: the sentence as it was read, `BLANK` in its blanks.
        fillings: the most probable first.
        scored: candidates so far, or, in the first drafts, proposals.
        exhaustive: whether every word (every combination of words) was scored.
        draft: whether a better answer follows.
        how: a line from which it can be had again.
    """

    variant: str
    typed: Typed
    fillings: tuple[Filling, ...]
    scored: int
    exhaustive: bool
    draft: bool
    how: str


def fill(
    session: Session,
    text: str,
    variants: Sequence[str] | None = None,
    n_best: int = 10,
    candidates: int = 64,
    samples: int = 32,
    seed: int = 0,
) -> Iterator[Fillings | Refused]:
    """Fill the blanks of a sentence: first a draft of every variant, then variant by variant with scores that settle.

    Args:
        session: the models.
        text: with `___` for one to three missing words.
        variants: which; all if None.
        n_best: fillings of each.
        candidates: proposals that are scored with K samples; not fewer than n_best.
        samples: K.
        seed: of the samples; the same noise for every candidate and variant, so that their differences are the words'.

    Raises:
        UsageError: the text is too long; there is no blank, too many, no word beside them, or a number is out of range.
    """
    check_numbers(n_best, candidates, samples)
    checked_seed(seed)
    typed = read_blanks(session.run, text)
    scoring: list[tuple[str, Iterator[Fillings]]] = []
    for name in asked(session, variants):
        answers = _fill(session, name, typed, n_best, candidates, samples, seed)
        try:
            yield next(answers)
        except LoomError as error:
            yield Refused.of(name, error)
        else:
            scoring.append((name, answers))
    for name, answers in scoring:
        try:
            yield from answers
        except LoomError as error:
            yield Refused.of(name, error)


@torch.no_grad()
def _fill(
    session: Session, variant: str, typed: Typed, n_best: int, candidates: int, samples: int, seed: int
) -> Iterator[Fillings]:
    model, device = session.model(variant), session.device
    blanks = [place for place, word in enumerate(typed.words) if word == BLANK]
    ids = torch.tensor([typed.ids], device=device)
    mu, logvar = model.encode(ids, torch.tensor([ids.shape[1]], device=device))
    if not bool(torch.isfinite(mu).all() and torch.isfinite(logvar).all()):
        raise LoomError("The model puts this sentence at no finite latent.", "Train this variant again.")
    proposed = propose(model, ids[0], blanks, mu, max(PROPOSED, candidates))
    among = len(proposed)
    exhaustive = min(among, candidates) == (model.embedding.num_embeddings - len(SPECIALS)) ** len(blanks)
    vocabulary = session.run.vocabulary

    def answer(rows: Tensor, scores: Tensor, draft: bool, how: str) -> Fillings:
        best = scores.sort(descending=True, stable=True).indices[:n_best]
        shares = torch.softmax(scores, dim=0)
        fillings = []
        for row in best.tolist():
            chosen = tuple(vocabulary.decode(rows[row, blanks].tolist()))
            whole = list(typed.words)
            for place, word in zip(blanks, chosen, strict=True):
                whole[place] = word
            fillings.append(Filling(chosen, vocabulary.text(whole), float(scores[row]), float(shares[row])))
        return Fillings(variant, typed, tuple(fillings), len(rows), exhaustive and not draft, draft, how)

    scores = torch.empty(0, dtype=torch.float64)
    for part in proposed.split(_DRAFTED):
        scores = torch.cat([scores, bound_at_mean(model, part)])
        if not bool(torch.isfinite(scores).all()):
            raise LoomError(f"The numbers of {variant} overflow for this sentence.", "Train this variant again.")
        draft = answer(
            proposed[: len(scores)], scores, True, f"log p(x|mu) - KL, the best of {len(scores):,} proposals"
        )
        yield draft
    proposed = proposed[scores.sort(descending=True, stable=True).indices[:candidates].to(device)]

    noise = torch.randn((samples, model.latent), generator=torch.Generator().manual_seed(seed)).to(device)
    scores = torch.empty(0, dtype=torch.float64)
    at_once = max(1, _ROWS // samples)
    how = f"log p(x) with K={samples} samples of q(z|x), seed {seed}, {len(proposed):,} candidates"
    how += ": every word" if exhaustive else f", the best of {among:,} proposals"
    for start in range(0, len(proposed), at_once):
        part = proposed[start : start + at_once]
        scores = torch.cat([scores, log_evidence(model, part, noise)])
        done = len(scores) == len(proposed)
        # A list grows no shorter while its scores settle.
        yield answer(proposed[: len(scores)], scores, not done, how) if done or len(scores) >= n_best else draft


@torch.no_grad()
def bound_at_mean(model: SentenceVAE, words: Tensor) -> Tensor:
    """log p(x|mu) - KL(q(z|x) || p) of sentences of one length (rows, time): (rows,) float64, nats, on the CPU."""
    mu, logvar = model.encode(words, torch.full((len(words),), words.shape[1], device=words.device))
    likelihood = token_log_probabilities(model, words, mu).sum(dim=1)
    return likelihood - gaussian_kl(mu.cpu().double(), logvar.cpu().double()).sum(dim=1)


@torch.no_grad()
def log_evidence(model: SentenceVAE, words: Tensor, noise: Tensor) -> Tensor:
    """log p(x) of sentences of one length, estimated by importance sampling from q(z|x).

    Args:
        model: of one variant, in evaluation mode.
        words: (rows, time) ids.
        noise: (K, latent), standard normal, the same for every sentence.

    Returns:
        (rows,) float64, nats, on the CPU.
    """
    lengths = torch.full((len(words),), words.shape[1], device=words.device)
    mu, logvar = model.encode(words, lengths)
    return log_mean_exp(log_weights(model, words, lengths, mu, logvar, noise.expand(len(words), -1, -1)))


@torch.no_grad()
def propose(model: SentenceVAE, ids: Tensor, blanks: Sequence[int], z: Tensor, width: int) -> Tensor:
    """The sentences that a beam finds which is free at the blanks only, one half of it for the most common words.

    Args:
        model: of one variant, in evaluation mode.
        ids: (time,) with anything in the blanks.
        blanks: their places, ascending.
        z: (1, latent).
        width: sentences that are kept at each blank.

    Returns:
        (up to width, time) ids, special words in no blank.
    """
    rows = ids.unsqueeze(0)
    totals = z.new_zeros(1)
    state = model.decoder.initial_state(z)
    previous = torch.full((1,), BOS, device=ids.device)
    for time in range(blanks[-1] + 1):
        logits, state = model.step(previous, z.expand(len(rows), -1), state)
        scores = torch.log_softmax(logits.float(), dim=1)
        if time in blanks:
            continued = totals.unsqueeze(1) + scores[:, len(SPECIALS) :]  # (rows, words that may be proposed)
            last = time == blanks[-1]
            place = _continuations(continued, width if last else min(width, max(1, _SCORES // continued.shape[1])))
            parents, words = place // continued.shape[1], place % continued.shape[1]
            totals = continued.flatten()[place]
            rows = rows[parents].clone()
            rows[:, time] = words + len(SPECIALS)
            state = tuple(part[:, parents].contiguous() for part in state)
        else:
            totals = totals + scores[:, ids[time]]
        previous = rows[:, time]
    return rows


def _continuations(totals: Tensor, width: int) -> Tensor:
    """Which continuations of beginnings a beam keeps: likely ones and common words of likely beginnings, in turn.

    Args:
        totals: (beginnings, words) log-probabilities; the words in the order of a vocabulary, the most common first.
        width: how many.

    Returns:
        (up to width,) distinct places in the flattened totals.
    """
    count = min(width, totals.numel())
    likely = totals.flatten().topk(count).indices
    ranks = totals.amax(dim=1).argsort(descending=True).argsort() + 1
    words = torch.arange(1, totals.shape[1] + 1, device=totals.device)
    common = (ranks.unsqueeze(1) * words).flatten().topk(count, largest=False, sorted=True).indices
    in_turn = dict.fromkeys(torch.stack([likely, common], dim=1).flatten().tolist())
    return torch.tensor(list(in_turn)[:count], device=totals.device)
