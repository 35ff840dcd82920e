"""What a training decides by measuring itself, against plain loops: encoders that learn alone, and halved rates."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.config import KlSchedule, TrainConfig, Variant, known_variant
from engine.corpus.prepare import CorpusRequest, prepare_corpus
from engine.corpus.store import Corpus
from engine.corpus.vocabulary import BOS, EOS, UNK
from engine.errors import LoomError, Stopped
from engine.events import Note
from engine.models.builders import build
from engine.models.objective import gaussian_kl
from engine.models.sentence_vae import SentenceVAE
from engine.runs.metrics import read_lines
from engine.runs.run import Run
from engine.training.batching import BatchPlan
from engine.training.distributed import Processes
from engine.training.learner import EVALUATED
from engine.training.loading import Batch, load_batch
from engine.training.loop import train
from engine.training.schedules import learning_rate
from engine.training.validation import HeldOut, Progress, decides
from tests.conftest import begin_run, write_sentences
from tests.engine.training.test_loop import CPU, finish, numbers, stop_after

AHEAD = Variant(name="ahead", encoder_steps=3)


def validated(run: Run, variant: str) -> list[dict[str, float]]:
    return [line for line in read_lines(run.metrics_path(variant)) if line["split"] == "validation"]


def notes(events: Sequence[object]) -> list[str]:
    return [event.text for event in events if isinstance(event, Note)]


@given(st.integers(0, 400), st.integers(0, 60))
def test_what_is_held_out_is_spread_evenly_and_never_trained_on(total: int, most: int) -> None:
    held = HeldOut.of(total, most)
    out = held.indices.tolist()
    rest = held.trained(np.arange(total - held.count)).tolist()
    assert held.count == min(most, total // 10)
    assert sorted(out + rest) == list(range(total))
    assert rest == sorted(rest)
    assert len(set(np.diff(out).tolist())) <= 1
    assert held.lengths_of_trained(np.arange(total)).tolist() == rest


def test_only_a_training_that_decides_holds_sentences_out() -> None:
    assert not decides(TrainConfig(), [Variant(name="vae")])
    assert decides(TrainConfig(halve_after=1), [Variant(name="vae")])
    assert decides(TrainConfig(), [Variant(name="vae"), AHEAD])


def test_an_encoder_has_caught_up_once_the_mutual_information_falls() -> None:
    progress = Progress(lagging=True)
    assert [progress.take(nats, None, 0) for nats in (0.1, 0.1, 0.4)] == [[], [], []]
    (said,) = progress.take(0.3, None, 0)
    assert "0.3 nats after 0.4" in said
    assert (progress.lagging, progress.take(0.2, None, 0)) == (False, [])


@given(st.lists(st.floats(-90, -10), max_size=30), st.integers(1, 4))
def test_the_rate_is_halved_as_often_as_a_plain_count_says(bounds: list[float], patience: int) -> None:
    progress, best, waited, halved = Progress(lagging=False), -math.inf, 0, 0
    for bound in bounds:
        said = progress.take(0.0, bound, patience)
        waited = 0 if bound > best else waited + 1
        best = max(best, bound)
        if waited == patience:
            waited, halved = 0, halved + 1
            assert said == [f"has its learning rate halved to {0.5**halved:g} of the plan's"]
        else:
            assert said == []
    assert progress.rate == 0.5**halved
    assert Progress.from_tensor(progress.as_tensor()) == progress


def plain_loss(model: SentenceVAE, batch: Batch, m: float, weight: float) -> torch.Tensor:
    """-((1+m) log p(x|z) - w KL), mean over the batch, without the fused cross-entropy."""
    mu, logvar = model.encode(batch.words, batch.lengths)
    z = mu + torch.exp(0.5 * logvar) * batch.noise
    inputs = torch.cat([torch.full((len(batch.words), 1), BOS), batch.words], dim=1)
    inputs[:, 1:][batch.dropped] = UNK
    logits = model.features(inputs, z) @ model.output_weight.t() + model.output_bias
    said = torch.zeros(())
    for row, length in enumerate(batch.lengths.tolist()):
        targets = torch.cat([batch.words[row, :length], torch.tensor([EOS])])
        said = said + torch.log_softmax(logits[row, : length + 1], -1).gather(1, targets.unsqueeze(1)).sum()
    return -((1 + m) * said - weight * gaussian_kl(mu, logvar).sum()) / len(batch.words)


def plain_training(
    corpus: Corpus, run: Run, variant: Variant, optimiser: Callable[..., torch.optim.Optimizer], rate: float = 1.0
) -> SentenceVAE:
    """The model after all steps, with an optimiser for the encoder and one for the rest."""
    config = run.settings.train
    model = build(run.settings.model, config.seed)
    inside = list(model.encoder.parameters())
    outside = [each for each in model.parameters() if all(each is not other for other in inside)]
    both = [optimiser(part, lr=config.learning_rate) for part in (inside, outside)]
    held = HeldOut.of(len(corpus.train), EVALUATED)
    plan = BatchPlan(held.lengths_of_trained(corpus.train.lengths), config.batch, config.seed)
    for step in range(config.steps):
        for number in [*range(1, variant.encoder_steps + 1), 0]:
            chosen = held.trained(plan.another(step, number) if number else plan.indices(step))
            batch = load_batch(corpus.train, chosen, config, step, model.latent, CPU, extra=number)
            model.zero_grad()
            plain_loss(model, batch, variant.m, 1.0).backward()
            learning = both if not variant.encoder_steps else both[:1] if number else both[1:]
            parameters = inside + outside if not variant.encoder_steps else inside if number else outside
            torch.nn.utils.clip_grad_norm_(parameters, config.clip)
            for each in learning:
                each.param_groups[0]["lr"] = rate * learning_rate(config, step)
                each.step()
    return model


def assert_same_weights(run: Run, variant: str, model: SentenceVAE) -> None:
    weights = run.checkpoints(variant).newest().weights()
    for name, tensor in model.state_dict().items():
        if name in weights:
            torch.testing.assert_close(weights[name], tensor, rtol=1e-3, atol=1e-5)


def test_an_encoder_that_goes_ahead_learns_as_in_a_plain_loop(tiny_corpus: Corpus, tmp_path: Path) -> None:
    run = begin_run(tiny_corpus, tmp_path / "r", [AHEAD, "vae"], steps=4, checkpoint_every=4, log_every=4)
    finish(tiny_corpus, run)
    assert_same_weights(run, "ahead", plain_training(tiny_corpus, run, AHEAD, torch.optim.Adam))
    assert_same_weights(run, "vae", plain_training(tiny_corpus, run, Variant(name="vae"), torch.optim.Adam))


def test_sgd_learns_as_in_a_plain_loop(tiny_corpus: Corpus, tmp_path: Path) -> None:
    run = begin_run(
        tiny_corpus, tmp_path / "r", ["autogen-m1"], steps=5, optimiser="sgd", learning_rate=0.1, halve_after=9
    )
    finish(tiny_corpus, run)
    variant = known_variant("autogen-m1", 1)
    assert variant is not None
    assert_same_weights(run, "autogen-m1", plain_training(tiny_corpus, run, variant, torch.optim.SGD))


def test_a_rate_without_gain_is_halved_logged_and_told(tiny_corpus: Corpus, tmp_path: Path) -> None:
    # a rate of next to nothing leaves every measurement as it was
    flat = {"optimiser": "sgd", "learning_rate": 1e-30, "final_learning_rate": 1.0, "warmup": 0}
    run = begin_run(
        tiny_corpus, tmp_path / "r", ["vae"], steps=12, log_every=1, evaluate_every=2, halve_after=2, **flat
    )
    told = notes(finish(tiny_corpus, run))
    assert [text for text in told if "halved" in text] == [
        "vae has its learning rate halved to 0.5 of the plan's (step 6).",
        "vae has its learning rate halved to 0.25 of the plan's (step 10).",
    ]
    rates = [line["learning_rate"] for line in read_lines(run.metrics_path("vae")) if line["split"] == "train"]
    assert rates == pytest.approx([1e-30] * 6 + [5e-31] * 4 + [2.5e-31] * 2)
    bounds = [line["elbo"] for line in validated(run, "vae")]
    assert len(bounds) == 5
    assert max(bounds) - min(bounds) < 1e-6


def test_no_rate_is_halved_while_the_weight_of_the_kl_still_rises(tiny_corpus: Corpus, tmp_path: Path) -> None:
    rising = Variant(name="rising", kl_schedule=KlSchedule(kind="linear", warmup=7))
    flat = {"optimiser": "sgd", "learning_rate": 1e-30, "final_learning_rate": 1.0}
    run = begin_run(tiny_corpus, tmp_path / "r", [rising], steps=12, evaluate_every=2, halve_after=1, **flat)
    told = [text for text in notes(finish(tiny_corpus, run)) if "halved" in text]
    assert told == ["rising has its learning rate halved to 0.5 of the plan's (step 10)."]  # at the last step none is


@pytest.mark.parametrize("optimiser", ["adam", "sgd"])
def test_a_training_that_decides_goes_on_bit_for_bit_after_a_stop(
    tiny_corpus: Corpus, tmp_path: Path, optimiser: str
) -> None:
    every = {"checkpoint_every": 8, "evaluate_every": 4, "log_every": 4}
    settings = {"steps": 24, "halve_after": 1, "optimiser": optimiser, "learning_rate": 5e-3, **every}
    runs = [begin_run(tiny_corpus, tmp_path / name, [AHEAD, "autogen-m1"], **settings) for name in ("whole", "broken")]
    told = notes(finish(tiny_corpus, runs[0]))
    with pytest.raises(Stopped):
        finish(tiny_corpus, runs[1], stop_after(13))
    finish(tiny_corpus, Run.open(runs[1].path))
    assert any("halved" in text or "ends the steps" in text for text in told) or optimiser == "sgd"
    for variant in ("ahead", "autogen-m1"):
        first, second = (run.checkpoints(variant).newest() for run in runs)
        assert first.fingerprint == second.fingerprint
        assert torch.equal(first.optimiser()["log.decided"], second.optimiser()["log.decided"])
        assert numbers(runs[0], variant) == numbers(runs[1], variant)


def test_the_held_out_sentences_are_measured_and_the_test_part_decides_nothing(
    tiny_corpus: Corpus, tmp_path: Path
) -> None:
    run = begin_run(tiny_corpus, tmp_path / "r", ["vae"], steps=4, evaluate_every=2, halve_after=1)
    finish(tiny_corpus, run)
    assert [line["step"] for line in validated(run, "vae")] == [2]  # at the end there is nothing left to decide
    assert {line["sentences"] for line in validated(run, "vae")} == {len(tiny_corpus.train) // 10}


def test_a_validation_part_that_was_given_decides_and_all_else_is_trained_on(tmp_path: Path) -> None:
    parts = {name: str(write_sentences(tmp_path / f"{name}.txt", n)) for name, n in (("train", 90), ("valid", 37))}
    request = CorpusRequest(parts["train"], "parts", vocabulary=50, test_fraction=0.2, valid_source=parts["valid"])
    list(prepare_corpus(request, tmp_path / "parts"))
    corpus = Corpus.open(tmp_path / "parts")
    assert corpus.valid is not None
    run = begin_run(corpus, tmp_path / "r", ["vae"], steps=4, evaluate_every=2, halve_after=1, batch=8)
    finish(corpus, run)
    measured, last = validated(run, "vae")
    assert (measured["step"], measured["sentences"], last["step"]) == (2, 37, 4)
    # With the learning rate that was in force, two steps over the whole training part, by a run of its own.
    other = begin_run(corpus, tmp_path / "o", ["vae"], steps=4, evaluate_every=2, halve_after=1, batch=8)
    with pytest.raises(Stopped):
        finish(corpus, other, stop_after(2))
    model = build(other.settings.model)
    model.load_state_dict(other.checkpoints("vae").newest().weights())
    ids, lengths = corpus.valid.batch(np.arange(37))
    mu, logvar = model.encode(torch.from_numpy(ids), torch.from_numpy(lengths))
    assert measured["kl"] == pytest.approx(gaussian_kl(mu, logvar).sum(-1).mean().item(), rel=1e-5)


def test_where_no_sentence_can_be_held_out_it_is_told(tmp_path: Path) -> None:
    source = write_sentences(tmp_path / "few.txt", 9)
    list(prepare_corpus(CorpusRequest(str(source), "few", vocabulary=50, test_fraction=0.2), tmp_path / "few"))
    corpus = Corpus.open(tmp_path / "few")
    assert len(corpus.train) < 10
    run = begin_run(corpus, tmp_path / "r", ["vae"], steps=4, evaluate_every=2, halve_after=1, batch=4)
    assert any(text.startswith("Nothing is decided by measuring") for text in notes(finish(corpus, run)))
    assert validated(run, "vae") == []


def test_an_encoder_that_goes_ahead_needs_one_process(tiny_corpus: Corpus, tmp_path: Path) -> None:
    run = begin_run(tiny_corpus, tmp_path / "r", [AHEAD])
    several = Processes()
    several.world = 2
    with pytest.raises(LoomError, match="one process only"):
        next(train(tiny_corpus, run, CPU, processes=several))
