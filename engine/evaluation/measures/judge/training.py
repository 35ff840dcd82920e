"""Training the recurrent language model on a corpus.

Every step is a function of (seed, step), as in a training of variants. Some sentences of the training text are not
trained on; of the weights at a few measurements, those to which they cost least are the result, so that a small text is
not learned by heart.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.config import TrainConfig
from engine.corpus.store import SentenceStore
from engine.errors import LoomError, Stopped
from engine.evaluation.measures.judge.network import LanguageNetwork
from engine.evaluation.measures.judge.recipe import STAGE, Recipe, Sizes
from engine.events import Event, Progress
from engine.training.batching import BatchPlan
from engine.training.gradients import autocast, clipped
from engine.training.learner import optimiser
from engine.training.loading import step_seed
from engine.training.schedules import learning_rate
from engine.training.validation import HeldOut

_FEW = 20
"""Sentences of a text that is too small to spare any: below it a twentieth is none."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of it: the network, how many tokens it learned from, and what the others cost it.

    Attributes:
        network: with weights as they are kept, of half precision.
        tokens: that were learned from, ends counted, each as often as it came.
        sentences: different ones among them.
        perplexity: of the sentences that were not trained on; None where there are none.
    """

    network: LanguageNetwork
    tokens: int
    sentences: int
    perplexity: float | None


def train(
    store: SentenceStore,
    sizes: Sizes,
    device: torch.device,
    recipe: Recipe,
    should_stop: Callable[[], bool] = lambda: False,
) -> Generator[Event, None, Trained]:
    """Train a network.

    Args:
        store: the training sentences.
        sizes: of the network.
        device: where.
        recipe: how.
        should_stop: asked at every step.

    Yields:
        Progress in tokens.

    Raises:
        LoomError: the text cannot be read, or the training exploded.
        Stopped: `should_stop` said so; nothing of it is kept.
    """
    held = HeldOut.of(len(store), recipe.held_out, 0.05)
    lengths = held.lengths_of_trained(store.lengths)
    tokens = int(lengths.sum(dtype=np.int64)) + len(lengths)
    at_once = min(recipe.tokens_a_step, tokens / recipe.fewest_steps)
    batch = max(1, round(at_once * len(lengths) / tokens))
    plan = BatchPlan(lengths, batch, recipe.seed)
    seen = min(recipe.most_tokens, recipe.most_epochs * tokens)
    steps = max(1, round(seen / tokens * plan.batches_per_epoch))
    config = TrainConfig(
        steps=steps, batch=batch, learning_rate=recipe.rate, warmup=min(200, steps // 10), clip=1.0, seed=recipe.seed
    )
    network = LanguageNetwork(sizes, recipe.seed, recipe.dropout).to(device)
    steering = optimiser(config, network, config.learning_rate)
    measured = {round((number + 1) * steps / recipe.measurements) for number in range(recipe.measurements)} | {steps}
    best: tuple[float, dict[str, Tensor]] = (np.inf, {})
    learned = 0
    for step in range(steps):
        if should_stop():
            raise Stopped(
                "Stopped while the recurrent language model was trained; all else that was measured is kept.",
                "Give the same command again to train it from its beginning.",
            )
        rows = held.trained(plan.indices(step))
        words, counts = (torch.from_numpy(each).to(device) for each in store.batch(rows))
        own = int(counts.sum()) + len(rows)
        dropout = torch.Generator(device).manual_seed(step_seed(recipe.seed, step))
        with autocast(device):
            total = network.likelihood(words, counts, dropout).total
        (total / own).backward()
        clipped(network.parameters(), config.clip)
        for group in steering.param_groups:
            group["lr"] = learning_rate(config, step)
        steering.step()
        steering.zero_grad(set_to_none=True)
        learned += own
        if step + 1 in measured:
            cost = _cost(network, store, held)
            if cost < best[0]:
                best = cost, {name: tensor.detach().half() for name, tensor in network.state_dict().items()}
        if step % 5 == 0 or step + 1 == steps:
            yield Progress(STAGE, learned, max(learned, round(learned * steps / (step + 1))), "token")
    if not best[1]:
        raise LoomError("The training of the recurrent language model exploded.", "Leave --judge out.")
    network.load_state_dict({name: tensor.float() for name, tensor in best[1].items()})
    perplexity = float(np.exp(_cost(network, store, held))) if held.count else None
    return Trained(network.eval(), learned, min(len(lengths), steps * batch), perplexity)


def _cost(network: LanguageNetwork, store: SentenceStore, held: HeldOut) -> float:
    """Nats a token of the sentences that are not trained on; of the first ones where there are none."""
    words, lengths = store.batch(held.indices if held.count else np.arange(min(len(store), _FEW)))
    ids = words[np.arange(words.shape[1]) < lengths[:, None]]
    nll = network.nll(ids, np.concatenate([[0], np.cumsum(lengths)]))
    return float(nll.sum() / (lengths.sum() + len(lengths)))
