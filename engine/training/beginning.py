"""What comes before the first step of a training: weights that another run has given, and what first weights say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.corpus.store import Corpus
from engine.events import Event, Note
from engine.runs.metrics import NEGLIGIBLE_SPREAD
from engine.runs.run import Run
from engine.runs.warm_start import told
from engine.training.learner import Learner
from engine.training.records import Records


def take_first_weights(learners: Sequence[Learner], run: Run) -> Iterator[Event]:
    """Give every variant the weights that the run was begun with, where another run has given some.

    Raises:
        LoomError: they are missing, damaged, or of another model.
    """
    if run.settings.first_weights:
        for learner in learners:
            learner.start_from_weights()
        yield Note(f"Starting from the weights of {told(run.settings.first_weights)}.")


def before_the_first_step(learners: Sequence[Learner], corpus: Corpus, records: Records, run: Run) -> Iterator[Event]:
    """Measure how far the first weights tell sentences apart; where they were drawn, warn if they do not."""
    if run.settings.first_weights:
        records.first_spread({learner.variant.name: learner.spread(corpus.test) for learner in learners})
        return
    measured = learners[0].spread(corpus.test)  # all variants share what was drawn
    records.first_spread({learner.variant.name: measured for learner in learners})
    spread, sigma = measured["mu_spread"], measured["mean_sigma"]
    assert isinstance(spread, float)
    assert isinstance(sigma, float)
    if spread < NEGLIGIBLE_SPREAD * sigma and len(corpus.test) > 1:
        yield Note(
            f"With these first weights the encoder says nearly the same of every sentence: mu differs by {spread:.2g} "
            f"beside a sigma of {sigma:.2g}. So z is noise while the decoder learns, which may learn to do without. "
            "Wider ones tell sentences apart at once: “First weights: wide” in the form of a new training, or "
            "--set model.initialisation=wide",
            "warning",
        )
