"""The recurrent language model of a run at work: had from its file or trained, and what it says of sentences."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np
import torch

from engine.corpus.store import Corpus
from engine.errors import LoomError
from engine.evaluation.measures.judge.network import LanguageNetwork
from engine.evaluation.measures.judge.recipe import Recipe, Sizes
from engine.evaluation.measures.judge.stored import Stored, path_of, write
from engine.evaluation.measures.judge.training import train
from engine.evaluation.measures.parts import Part, Texts
from engine.evaluation.measures.scores.language_model import perplexity
from engine.events import Event
from engine.runs.run import Run


@dataclass(frozen=True)
class RecurrentJudge:
    """A network and what is known of it.

    Attributes:
        stored: what is kept of it.
        network: the same, loaded.
    """

    stored: Stored
    network: LanguageNetwork

    @classmethod
    def of(cls, stored: Stored, device: torch.device, source: str) -> RecurrentJudge:
        """Load what is kept.

        Args:
            stored: read from a file.
            device: where it is to compute.
            source: the file, for the error.

        Raises:
            LoomError: the weights are not those of such a network.
        """
        network = LanguageNetwork(stored.sizes)
        weights = {name: torch.from_numpy(array.astype(np.float32)) for name, array in stored.weights.items()}
        try:
            network.load_state_dict(weights)
        except RuntimeError as error:
            raise LoomError(
                f"{source} does not hold the weights of its own settings.", "Delete it, and train it with --judge."
            ) from error
        return cls(stored, network.to(device).eval())

    def judged(self, draws: Part) -> Part:
        """What samples cost: `nll` (n,) nats, ends counted."""
        assert draws.texts is not None
        texts = draws.texts
        return Part({"nll": self.network.nll(texts.ids, texts.offsets)})

    def facts(self, tests: Texts) -> dict[str, object]:
        """What is said of it beside the numbers, with its own perplexity on these sentences."""
        own = self.network.nll(tests.ids, tests.offsets)
        return {
            "how": self.stored.how,
            "fingerprint": self.stored.fingerprint,
            "perplexity": perplexity(own, tests.lengths),
            "tests": len(tests),
            "held_out": self.stored.held_out,
        }


def make(
    run: Run, corpus: Corpus, device: torch.device, should_stop: Callable[[], bool], recipe: Recipe | None = None
) -> Generator[Event, None, RecurrentJudge]:
    """Train the network of a run and keep it in its folder.

    Args:
        run: whose; its corpus is meant.
        corpus: that it was trained on.
        device: where.
        should_stop: asked at every step.
        recipe: how; None for the usual way.

    Yields:
        Progress.

    Raises:
        LoomError: the text cannot be read, the training exploded, or the file cannot be written.
        Stopped: `should_stop` said so; nothing of it is kept.
    """
    recipe = recipe or Recipe()
    sizes = Sizes(len(corpus.vocabulary))
    made = yield from train(corpus.train, sizes, device, recipe, should_stop)
    weights = {name: tensor.cpu().numpy().astype(np.float16) for name, tensor in made.network.state_dict().items()}
    stored = Stored(
        run.settings.corpus.fingerprint, sizes, recipe, made.tokens, made.sentences, made.perplexity, weights
    )
    write(run, stored)
    return RecurrentJudge.of(stored, device, str(path_of(run.path)))
