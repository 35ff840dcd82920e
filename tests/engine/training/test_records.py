"""What a training leaves behind beside its models: numbers, probe sentences, kept checkpoints, event files."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from tensorboardX.proto.event_pb2 import Event

from engine.config import KlSchedule, MSchedule, Variant
from engine.corpus.store import Corpus
from engine.corpus.vocabulary import BOS, EOS, UNK
from engine.decoding.options import DecodeOptions
from engine.errors import Stopped
from engine.events import Note, Probe, Progress
from engine.models.builders import build
from engine.models.objective import gaussian_kl
from engine.models.trained import load_model
from engine.runs.metrics import read_lines
from engine.runs.run import Run
from engine.session import Session
from engine.training.batching import BatchPlan
from engine.training.learner import EVALUATED
from engine.training.loading import load_batch
from engine.training.loop import train
from tests.conftest import begin_run
from tests.engine.training.test_loop import stop_after

CPU = torch.device("cpu")


def test_the_logged_gradient_norm_and_terms_are_those_of_a_plain_loop_over_words(
    tiny_corpus: Corpus, tmp_path: Path
) -> None:
    run = begin_run(tiny_corpus, tmp_path / "norm", ("autogen-m2",), steps=1, log_every=1, batch=16)
    list(train(tiny_corpus, run, CPU))
    logged = next(line for line in read_lines(run.metrics_path("autogen-m2")) if line["split"] == "train")

    config = run.settings.train
    model = build(run.settings.model, config.seed).double()
    indices = BatchPlan(tiny_corpus.train.lengths, config.batch, config.seed).indices(0)
    batch = load_batch(tiny_corpus.train, indices, config, 0, model.latent, CPU)
    mu, logvar = model.encode(batch.words, batch.lengths)
    z = mu + torch.exp(0.5 * logvar) * batch.noise.double()
    log_likelihood = torch.zeros((), dtype=torch.float64)
    for row in range(len(batch.words)):
        sentence = batch.words[row, : batch.lengths[row]].tolist()
        hidden = batch.dropped[row, : len(sentence)].tolist()
        inputs = [BOS, *(UNK if gone else word for word, gone in zip(sentence, hidden, strict=True))]
        state = model.decoder.initial_state(z[row : row + 1])
        for previous, word in zip(inputs, [*sentence, EOS], strict=True):
            logits, state = model.step(torch.tensor([previous]), z[row : row + 1], state)
            log_likelihood = log_likelihood + torch.log_softmax(logits, dim=1)[0, word]
    kl = gaussian_kl(mu, logvar).sum()
    (-(3 * log_likelihood - kl) / 16).backward()
    norm = torch.sqrt(sum(each.grad.square().sum() for each in model.parameters() if each.grad is not None))

    assert logged["reconstruction"] == pytest.approx(log_likelihood.item() / 16, rel=1e-5)
    assert logged["kl"] == pytest.approx(kl.item() / 16, rel=1e-4)
    assert logged["gradient_norm"] == pytest.approx(norm.item(), rel=1e-4)
    assert logged["gradient_norm_max"] == logged["gradient_norm"]
    assert (logged["m"], logged["implied_m"]) == (2.0, 2.0)


def test_a_limit_of_zero_leaves_the_gradients_as_they_are(tiny_corpus: Corpus, tmp_path: Path) -> None:
    def weights(clip: float) -> list[float]:
        run = begin_run(tiny_corpus, tmp_path / f"clip-{clip}", ("vae",), steps=5, clip=clip, warmup=0)
        list(train(tiny_corpus, run, CPU))
        return run.checkpoints("vae").chosen(None).weights()["encoder.to_mu.weight"].flatten().tolist()

    unlimited = weights(0.0)
    assert unlimited == weights(1e9)
    assert unlimited != weights(1.0)


def test_an_annealed_variant_logs_the_m_that_its_weight_stands_for(tiny_corpus: Corpus, tmp_path: Path) -> None:
    run = begin_run(tiny_corpus, tmp_path / "implied", ("vae-annealed",), steps=12, log_every=1)
    list(train(tiny_corpus, run, CPU))
    lines = [line for line in read_lines(run.metrics_path("vae-annealed")) if line["split"] == "train"]
    assert lines[0]["implied_m"] is None  # a weight of 0 is m = infinity
    assert [line["implied_m"] for line in lines[1:]] == pytest.approx([10 / step - 1 for step in range(1, 10)] + [0, 0])


def test_probe_sentences_are_decoded_at_every_evaluation_like_a_session_does(
    tiny_corpus: Corpus, tmp_path: Path
) -> None:
    run = begin_run(tiny_corpus, tmp_path / "probe", steps=20, evaluate_every=5, checkpoint_every=10)
    events = [event for event in train(tiny_corpus, run, CPU) if isinstance(event, Probe)]
    assert [event.step for event in events] == [5, 10, 15, 20]
    sentences = json.loads((run.path / "probe.json").read_text())["sentences"]
    assert list(events[0].sentences) == sentences
    lengths = [len(sentence.split()) for sentence in sentences]
    assert lengths[0] < lengths[-1]
    assert all(sentence in list(tiny_corpus.test_texts()) for sentence in sentences)
    written = read_lines(run.probe_path("autogen-m1"))
    assert [line["step"] for line in written] == [5, 10, 15, 20]

    session = Session.load(run, "cpu")
    z = torch.stack([torch.from_numpy(session.encode(text, ["autogen-m1"])["autogen-m1"].mu) for text in sentences])
    expected = [each.text for each in session.decode("autogen-m1", z.numpy(), DecodeOptions(method="greedy"))]
    assert written[-1]["reconstructions"] == expected


def test_checkpoints_at_multiples_stay_with_their_weights_and_without_the_optimiser(
    tiny_corpus: Corpus, tmp_path: Path
) -> None:
    run = begin_run(tiny_corpus, tmp_path / "kept", steps=40, checkpoint_every=5, keep_every=10)
    list(train(tiny_corpus, run, CPU))
    folder = run.checkpoints("vae")
    assert folder.steps() == [10, 20, 30, 35, 40]
    assert folder.resumable_steps() == [35, 40]
    assert folder.at(10).weights().keys() == folder.newest().weights().keys()


def test_process_json_says_how_it_stands(tiny_corpus: Corpus, tmp_path: Path) -> None:
    run = begin_run(tiny_corpus, tmp_path / "state", steps=10)

    def state() -> str:
        return str(json.loads((run.path / "process.json").read_text())["state"])

    def follow(training: Iterator[object]) -> None:
        for event in training:
            if isinstance(event, Progress) and event.stage == "building the models":
                continue  # nothing is written yet
            states.append(("note" if isinstance(event, Note) else "event", state()))

    states: list[tuple[str, str]] = []
    with pytest.raises(Stopped):
        follow(train(tiny_corpus, run, CPU, stop_after(6)))
    assert state() == "stopped"
    follow(train(tiny_corpus, Run.open(run.path), CPU))
    assert ("note", "stopped") in states  # "Going on", before anything is written
    assert {how for kind, how in states if kind == "event"} == {"running", "done"}
    assert state() == "done"


def scalars(folder: Path) -> Iterator[tuple[str, int, float]]:
    """Tag, step and value of every scalar in the event files of a folder, read as TensorBoard's record format says."""
    for path in sorted(folder.glob("events.*")):
        data, place = path.read_bytes(), 0
        while place < len(data):
            (length,) = struct.unpack_from("<Q", data, place)
            event = Event.FromString(data[place + 12 : place + 12 + length])
            place += 12 + length + 4  # its length, a checksum, the event, a checksum
            for value in event.summary.value:
                if value.HasField("simple_value"):
                    yield value.tag, event.step, value.simple_value


def test_event_files_hold_the_logged_numbers(tiny_corpus: Corpus, tmp_path: Path) -> None:
    run = begin_run(tiny_corpus, tmp_path / "events", steps=20, tensorboard=True)
    list(train(tiny_corpus, run, CPU))
    for variant in run.variants:
        found = {(tag, step): value for tag, step, value in scalars(run.path / "tensorboard" / variant.name)}
        for line in read_lines(run.metrics_path(variant.name)):
            for name in ("mu_spread", "mean_sigma") if line["split"] == "start" else ("elbo", "kl", "kl_share"):
                assert found[f"{line['split']}/{name}", line["step"]] == pytest.approx(line[name], rel=1e-6)
    plain = begin_run(tiny_corpus, tmp_path / "plain", steps=2)
    list(train(tiny_corpus, plain, CPU))
    assert not (plain.path / "tensorboard").exists()


def test_the_spread_of_mu_is_logged_from_before_the_first_step_on(tiny_corpus: Corpus, tmp_path: Path) -> None:
    run = begin_run(tiny_corpus, tmp_path / "spread", steps=20, evaluate_every=10)
    list(train(tiny_corpus, run, CPU))
    count = min(EVALUATED, len(tiny_corpus.test))
    for variant in run.variants:
        lines = {line["step"]: line for line in read_lines(run.metrics_path(variant.name)) if "mu_spread" in line}
        assert [(step, line["split"]) for step, line in lines.items()] == [(0, "start"), (10, "test"), (20, "test")]
        fresh = build(run.settings.model, run.settings.train.seed)
        for step, model in ((0, fresh), (20, load_model(run, variant.name, CPU))):
            found = []  # one by one, by the definition
            for row in range(count):
                ids, lengths = tiny_corpus.test.batch(np.array([row]))
                with torch.no_grad():
                    mu, logvar = model.encode(torch.from_numpy(ids), torch.from_numpy(lengths))
                found.append((mu[0].double().numpy(), np.exp(logvar[0].double().numpy()) ** 0.5))
            means, sigmas = (np.stack(parts) for parts in zip(*found, strict=True))
            spread = np.mean(np.sqrt(np.mean((means - means.mean(axis=0)) ** 2, axis=0)))
            assert lines[step]["mu_spread"] == pytest.approx(spread, rel=1e-4)
            assert lines[step]["mean_sigma"] == pytest.approx(sigmas.mean(), rel=1e-4)


@pytest.mark.parametrize(("initialisation", "warned"), [("torch", True), ("wide", False)])
def test_first_weights_that_tell_no_sentences_apart_are_told(
    tiny_corpus: Corpus, tmp_path: Path, initialisation: str, warned: bool
) -> None:
    run = begin_run(tiny_corpus, tmp_path / initialisation, steps=1, model={"initialisation": initialisation})
    notes = [event.text for event in train(tiny_corpus, run, CPU) if isinstance(event, Note)]
    assert any("model.initialisation=wide" in text for text in notes) == warned


def test_the_weight_and_the_m_of_a_test_line_are_those_of_its_step(tiny_corpus: Corpus, tmp_path: Path) -> None:
    moving = Variant(
        name="moving",
        m=1,
        m_schedule=MSchedule(kind="linear", start=3, steps=10),
        kl_schedule=KlSchedule(kind="linear", warmup=10, end=0.5),
    )
    run = begin_run(tiny_corpus, tmp_path / "r", (moving, "vae-beta0.5"), steps=12, log_every=4, evaluate_every=4)
    list(train(tiny_corpus, run, CPU))
    for name in ("moving", "vae-beta0.5"):
        lines = read_lines(run.metrics_path(name))
        trained = {line["step"]: line for line in lines if line["split"] == "train"}
        for line in (line for line in lines if line["split"] == "test"):
            assert line["kl_weight"] == pytest.approx(trained[line["step"]]["kl_weight"])
            m = trained[line["step"]]["m"]
            paid = (1 + m) * line["reconstruction"] - line["kl_weight"] * line["kl"]
            assert line["trained_objective"] == pytest.approx(paid)
    assert [line["kl_weight"] for line in read_lines(run.metrics_path("vae-beta0.5")) if line["split"] == "test"] == [
        0.5
    ] * 3
