"""Single requests: what comes back is what the model says, marked, seeded and refused in words."""

from __future__ import annotations

import time
from unittest import mock

import numpy as np
import pytest
import torch

from engine.corpus.vocabulary import BOS, EOS
from engine.decoding.options import DecodeOptions
from engine.errors import LoomError, UsageError
from engine.runs.run import Run
from engine.session import Session, live_milliseconds

SENTENCE = "The cat sees the river today."
_CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def session(tiny_run: Run) -> Session:
    return Session.load(tiny_run, "cpu")


def test_unknown_words_are_marked_and_still_encoded(session: Session) -> None:
    typed = session.typed("The zebra sees the river today.")
    assert [word for word, unknown in zip(typed.words, typed.unknown, strict=True) if unknown] == ["zebra"]
    only_unknown = session.reconstruct("Zebras quarrel xylophonically!")
    assert len(only_unknown) == 2
    assert only_unknown[0].decoded.text


def test_a_blank_is_one_unknown_word(session: Session) -> None:
    typed = session.typed("The ___ sees the _____ today.")
    assert typed.words == ("the", "___", "sees", "the", "___", "today", ".")
    assert [word for word, unknown in zip(typed.words, typed.unknown, strict=True) if unknown] == ["___", "___"]


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200b"])
def test_a_sentence_without_words_is_refused(session: Session, text: str) -> None:
    with pytest.raises(LoomError, match="no word"):
        session.typed(text)


def test_an_endless_sentence_is_refused_and_odd_ones_are_answered(session: Session) -> None:
    with pytest.raises(LoomError, match="at most 200"):
        session.typed("word " * 10_000)
    for text in ("Ünïcödé \U0001f600 \u4f60\u597d!", "a\x00b\x07c", "<unk> <pad> </s>", "x" * 5000, "\udcff bytes"):
        assert len(session.reconstruct(text, options=DecodeOptions("greedy"))) == 2


def test_encoding_gives_the_models_posterior_and_the_kl(session: Session) -> None:
    typed = session.typed(SENTENCE)
    latent = session.encode(SENTENCE)["vae"]
    with torch.no_grad():
        mu, logvar = session.model("vae").encode(torch.tensor([typed.ids]), torch.tensor([len(typed.ids)]))
    assert np.array_equal(latent.mu, mu[0].numpy())
    assert np.array_equal(latent.z, latent.mu)
    kl = 0.5 * (mu.double() ** 2 + logvar.double().exp() - 1 - logvar.double()).sum()
    assert latent.kl == pytest.approx(float(kl), rel=1e-5)


@pytest.mark.parametrize("sample", [False, True])
def test_a_typed_sentence_is_scored_word_by_word_at_the_z_it_was_given(session: Session, sample: bool) -> None:
    typed = session.typed("The zebra sees the river today.")
    for name, latent in session.encode(typed.text, sample=sample, seed=3).items():
        model, z = session.model(name), torch.from_numpy(latent.z)[None]
        expected, said = 0.0, [BOS]
        for target in (*typed.ids, EOS):
            with torch.no_grad():
                features, _ = model.decoder(model.embedding(torch.tensor([said])), z, model.decoder.initial_state(z))
                logits = torch.nn.functional.linear(features[0, -1], model.output_weight, model.output_bias)
            expected -= float(torch.nn.functional.cross_entropy(logits.double()[None], torch.tensor([target])))
            said.append(target)
        assert session.score(name, typed, latent.z) == pytest.approx(expected, abs=1e-3)


def test_a_sentence_that_comes_back_has_one_score_and_another_has_two(session: Session) -> None:
    for made in session.reconstruct(SENTENCE, options=DecodeOptions("greedy")):
        written, score = made.decoded, session.score(made.variant, made.typed, made.latent.z)
        assert score <= 0
        again = session.score(made.variant, session.typed(" ".join(written.words)), made.latent.z)
        assert again == pytest.approx(written.log_probability, abs=1e-3)
    with pytest.raises(LoomError, match="not a finite"):
        session.score("vae", session.typed(SENTENCE), np.full_like(made.latent.z, np.inf))


def test_samples_of_the_posterior_are_seeded_and_share_their_noise(session: Session) -> None:
    first, again, other = (session.encode(SENTENCE, sample=True, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(first["vae"].z, again["vae"].z)
    assert not np.array_equal(first["vae"].z, other["vae"].z)
    noise = {name: (latent.z - latent.mu) / np.exp(0.5 * latent.logvar) for name, latent in first.items()}
    assert np.allclose(noise["vae"], noise["autogen-m1"], atol=1e-4)


def test_prior_samples_use_the_same_draws_for_every_variant(session: Session) -> None:
    drawn = session.sample(n=3, seed=5)
    assert np.array_equal(drawn["vae"][2].z, drawn["autogen-m1"][2].z)
    assert [each.text for each in session.sample(n=3, seed=5)["vae"]] == [each.text for each in drawn["vae"]]
    with pytest.raises(UsageError):
        session.sample(n=0)


@pytest.mark.parametrize("seed", [-1, 2**63, 2**70])
def test_seeds_that_no_generator_takes_are_refused(session: Session, seed: int) -> None:
    with pytest.raises(UsageError, match=f"Seed {seed} is out of range"):
        session.encode(SENTENCE, sample=True, seed=seed)
    with pytest.raises(UsageError, match=f"Seed {seed} is out of range"):
        session.sample(n=1, seed=seed)
    assert np.isfinite(session.encode(SENTENCE, sample=True, seed=2**63 - 1)["vae"].z).all()


def test_reconstructions_of_short_sentences_may_be_as_short(session: Session) -> None:
    options = DecodeOptions(beam=4)
    assert all(len(each.decoded.words) >= 2 for each in session.reconstruct("The cat", options=options))
    assert all(len(each.decoded.words) >= 5 for each in session.reconstruct(SENTENCE, options=options))
    assert all(5 <= len(each.words) <= 30 for each in session.sample(n=4, options=options)["vae"])


def test_latents_that_cannot_be_decoded_are_refused(session: Session) -> None:
    options = DecodeOptions("greedy")
    with pytest.raises(LoomError, match="not a finite"):
        session.decode("vae", np.full((1, 4), np.nan, np.float32), options)
    with pytest.raises(LoomError, match=r"decodes \(rows, 4\)"):
        session.decode("vae", np.zeros((1, 5), np.float32), options)
    far = session.decode("vae", np.full((1, 4), 1e6, np.float32), options)
    assert np.isfinite(far[0].log_probability)
    with pytest.raises(UsageError, match="no variant 'nope'"):
        session.decode("nope", np.zeros((1, 4), np.float32), options)


def test_a_session_says_of_which_step_each_model_is(session: Session, tiny_run: Run) -> None:
    newest = {name: tiny_run.checkpoints(name).steps()[-1] for name in session.variants}
    assert session.steps == newest


def test_an_unknown_device_is_refused(tiny_run: Run) -> None:
    for name in ("gpu", "cuda:99", "cuda"):
        if name.startswith("cuda") and torch.cuda.is_available():
            continue
        with pytest.raises(UsageError):
            Session.load(tiny_run, name)


def test_a_window_is_answered_by_the_device_that_answers_sooner(tiny_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    accelerator = torch.device("meta")  # a device of its own that every machine has, and that is only timed here
    monkeypatch.setattr("engine.session.choose_device", lambda name: accelerator if name == "auto" else _CPU)
    for of_meta, of_cpu, expected in ((3.0, 5.0, "meta"), (5.0, 3.0, "cpu")):
        asked: list[str] = []

        def timed(session: Session, meta: float = of_meta, cpu: float = of_cpu, asked: list[str] = asked) -> float:
            asked.append(session.device.type)
            return meta if session.device.type == "meta" else cpu

        monkeypatch.setattr("engine.session.live_milliseconds", timed)
        monkeypatch.setattr("engine.session._SOONER", {})
        session = Session.load_live(tiny_run)
        assert session.device.type == expected
        assert session.model("vae").output_bias.device.type == expected
        assert Session.load_live(tiny_run).device.type == expected
        assert asked == ["meta", "cpu"]  # timed once


@pytest.mark.parametrize(
    ("error", "expected"),
    [(torch.OutOfMemoryError("CUDA out of memory."), "cpu"), (LoomError("The numbers overflow."), "meta")],
)
def test_an_accelerator_that_cannot_answer_leaves_it_to_the_cpu(
    tiny_run: Run, monkeypatch: pytest.MonkeyPatch, error: Exception, expected: str
) -> None:
    def timed(session: Session) -> float:
        raise error

    monkeypatch.setattr("engine.session.choose_device", lambda name: torch.device("meta") if name == "auto" else _CPU)
    monkeypatch.setattr("engine.session.live_milliseconds", timed)
    monkeypatch.setattr("engine.session._SOONER", {})
    session = Session.load_live(tiny_run)
    assert session.device.type == session.model("vae").output_bias.device.type == expected


def test_on_a_cpu_alone_nothing_is_timed(tiny_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.session.choose_device", lambda name: _CPU)
    monkeypatch.setattr("engine.session.live_milliseconds", lambda session: pytest.fail("it was timed"))
    assert Session.load_live(tiny_run).device.type == "cpu"


def test_what_a_window_asks_is_timed_by_the_sentences_that_are_written(session: Session) -> None:
    asked: list[str] = []

    def sample(n: int, options: DecodeOptions) -> None:
        asked.append(options.describe())
        time.sleep(0.01 if options.method == "greedy" else 0.02)

    with mock.patch.object(session, "sample", sample):
        assert live_milliseconds(session) >= 30
    assert len(asked) == 8
    assert len(set(asked)) == 2
