"""A training that starts from the weights of another run begins where that one ended."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.config import KlSchedule, MSchedule, Variant
from engine.corpus.store import Corpus
from engine.diagnostics.glance import paid
from engine.encoding.batches import encode_batch
from engine.errors import LoomError, Stopped, UsageError
from engine.events import Note
from engine.models.trained import load_model
from engine.runs.metrics import read_lines
from engine.runs.run import Run
from engine.runs.warm_start import WeightsOf, told
from engine.training.loop import train
from engine.workspace import Workspace
from tests.conftest import begin_run

CPU = torch.device("cpu")


def begun_from(given: str, workspace: Workspace, corpus: Corpus, path: Path, *variants: str, **settings: int) -> Run:
    """A run that is yet to be trained, with the weights of another one."""
    plain = begin_run(corpus, path.with_name("plain"), variants=variants, **settings)  # type: ignore[arg-type]
    giving = WeightsOf.named(given, workspace)
    giving.check(plain.settings.model, plain.variants)
    giving.check_words(corpus.vocabulary)
    origins = giving.origins(plain.variants)
    told_of = plain.settings.model_copy(update={"name": path.name, "first_weights": origins})
    return Run.create(path, told_of, corpus.vocabulary, giving.weights(origins))


def test_the_first_evaluation_is_the_last_one_of_the_run_that_gave_its_weights(
    tiny_workspace: Workspace, tiny_corpus: Corpus, tiny_run: Run, tmp_path: Path
) -> None:
    run = begun_from("tiny", tiny_workspace, tiny_corpus, tmp_path / "longer", "vae", "autogen-m1", steps=4)
    notes = [event.text for event in train(tiny_corpus, run, CPU) if isinstance(event, Note)]
    assert "Starting from the weights of tiny, step 40." in notes
    for variant in run.variants:
        old = [line for line in read_lines(tiny_run.metrics_path(variant.name)) if line["split"] == "test"][-1]
        new = [line for line in read_lines(run.metrics_path(variant.name)) if line["split"] == "test"]
        assert [line["step"] for line in new] == [0, 4]
        assert {**new[0], "step": 40} == old
        assert new[1]["elbo"] != old["elbo"]
        written, before = (read_lines(each.probe_path(variant.name)) for each in (run, tiny_run))
        assert written[0]["reconstructions"] == before[-1]["reconstructions"]

        model = load_model(tiny_run, variant.name, CPU)
        rows = np.arange(new[0]["sentences"])
        none = np.zeros((len(rows), model.latent), np.float32)
        made = encode_batch(model, *tiny_corpus.test.batch(rows), none)
        mu, logvar = (made[name].double().numpy() for name in ("mu", "logvar"))
        kl = 0.5 * (mu**2 + np.exp(logvar) - logvar - 1).sum(axis=1).mean()
        assert new[0]["kl"] == pytest.approx(kl, rel=1e-5)


def test_all_variants_can_begin_with_the_weights_of_one(
    tiny_workspace: Workspace, tiny_corpus: Corpus, tiny_run: Run, tmp_path: Path
) -> None:
    run = begun_from("tiny:vae", tiny_workspace, tiny_corpus, tmp_path / "both", "vae", "autogen-m2", steps=2)
    assert told(run.settings.first_weights) == "tiny:vae, step 40"
    assert [each.of for each in Run.open(run.path).settings.first_weights] == ["vae", "vae"]
    list(train(tiny_corpus, run, CPU))
    first = [read_lines(run.metrics_path(name)) for name in ("vae", "autogen-m2")]
    elbo = [next(line["elbo"] for line in lines if line["split"] == "test") for lines in first]
    old = [line for line in read_lines(tiny_run.metrics_path("vae")) if line["split"] == "test"][-1]
    assert elbo == [old["elbo"]] * 2
    spread = [next(line["mu_spread"] for line in lines if line["split"] == "start") for lines in first]
    assert spread == pytest.approx([old["mu_spread"]] * 2)


def test_a_run_that_is_stopped_before_its_first_checkpoint_begins_with_them_again(
    tiny_workspace: Workspace, tiny_corpus: Corpus, tmp_path: Path
) -> None:
    whole = begun_from("tiny", tiny_workspace, tiny_corpus, tmp_path / "whole", "vae", steps=6)
    list(train(tiny_corpus, whole, CPU))
    broken = begun_from("tiny", tiny_workspace, tiny_corpus, tmp_path / "broken", "vae", steps=6)
    events = train(tiny_corpus, broken, CPU)
    for event in events:
        if getattr(event, "stage", "") == "first steps":
            break
    events.close()  # type: ignore[attr-defined]
    asked = iter([False, False, True])
    with pytest.raises(Stopped):
        list(train(tiny_corpus, Run.open(broken.path), CPU, lambda: next(asked)))
    list(train(tiny_corpus, Run.open(broken.path), CPU))
    last = [each.model_fingerprint("vae") for each in (whole, broken)]
    assert last[0] == last[1]
    assert [line["step"] for line in read_lines(broken.probe_path("vae"))] == [0, 6]


def test_weights_that_do_not_fit_are_refused_by_what_differs(
    tiny_workspace: Workspace, tiny_corpus: Corpus, tiny_run: Run
) -> None:
    giving = WeightsOf.named("tiny", tiny_workspace)
    model = tiny_run.settings.model
    giving.check(model.model_copy(update={"dropout": 0.5, "initialisation": "wide"}), tiny_run.variants)
    hidden, cell = model.hidden + 1, "gru"
    with pytest.raises(
        UsageError, match=rf"model\.hidden is {hidden}, not {model.hidden}; model\.cell is gru, not lstm"
    ):
        giving.check(model.model_copy(update={"hidden": hidden, "cell": cell}), tiny_run.variants)
    other = tiny_run.variants[0].model_copy(update={"name": "other"})
    with pytest.raises(UsageError, match="no variant other") as lacking:
        giving.check(model, [other])
    assert "--from tiny:vae" in lacking.value.hint
    WeightsOf.named("tiny:vae", tiny_workspace).check(model, [other])
    giving.check_words(tiny_corpus.vocabulary)
    words = list(tiny_corpus.vocabulary.words)
    words[7], words[8] = words[8], words[7]
    with pytest.raises(UsageError, match=r"number 8, "):
        giving.check_words(type(tiny_corpus.vocabulary)(words))
    with pytest.raises(UsageError, match=f"it has {len(words)}, this text {len(words) - 1}"):
        giving.check_words(type(tiny_corpus.vocabulary)(list(tiny_corpus.vocabulary.words)[:-1]))
    with pytest.raises(UsageError, match="no variant 'nothing'"):
        WeightsOf.named("tiny:nothing", tiny_workspace)
    with pytest.raises(LoomError, match="no run named 'nothing'"):
        WeightsOf.named("nothing", tiny_workspace)


def test_a_training_that_ends_before_its_schedules_do_is_told(tiny_corpus: Corpus, tmp_path: Path) -> None:
    rises = KlSchedule(kind="linear", warmup=20)
    variants = (
        "vae",
        Variant(name="annealed", kl_schedule=rises),
        Variant(name="just", kl_schedule=KlSchedule(kind="linear", warmup=4)),
        Variant(name="both", m=1.0, kl_schedule=rises, m_schedule=MSchedule(kind="linear", start=4.0, steps=8)),
    )
    run = begin_run(tiny_corpus, tmp_path / "run", variants, steps=5)
    told_of = [event.text for event in train(tiny_corpus, run, CPU) if isinstance(event, Note)]
    notes = [text for text in told_of if "ends with" in text]
    assert notes == [
        "The training of annealed ends with a weight of the KL of 0.2, which is to be 1: its numbers are not those of "
        "the model that is meant. Train more --steps, or come there sooner: "
        "--set variants.annealed.kl_schedule.warmup=N",
        "The training of both ends with a weight of the KL of 0.2, which is to be 1 and m = 2.5, which is to be 1: its "
        "numbers are not those of the model that is meant. Train more --steps, or come there sooner: "
        "--set variants.both.kl_schedule.warmup=N --set variants.both.m_schedule.steps=N",
    ]
    assert paid(run, "annealed", 5) == pytest.approx(0.2)
    assert paid(run, "vae", 5) == 1.0
    assert paid(run, "vae", 0) is None


def test_a_rate_that_never_is_full_and_checkpoints_that_do_not_stay_are_told(
    tiny_corpus: Corpus, tmp_path: Path
) -> None:
    def told_of(name: str, **settings: int) -> list[str]:
        run = begin_run(tiny_corpus, tmp_path / name, ("vae",), steps=6, **settings)
        notes = [event.text for event in train(tiny_corpus, run, CPU) if isinstance(event, Note)]
        assert [steps for steps in run.checkpoints("vae").steps() if steps < 5] == [
            step for step in range(1, 5) if settings["checkpoint_every"] == 2 and step % (settings["keep_every"]) == 0
        ]
        return [text for text in notes if "learning rate" in text or "stay" in text]

    assert told_of("sound", warmup=6, checkpoint_every=2, keep_every=4) == []
    rate, kept = told_of("unsound", warmup=7, checkpoint_every=5, keep_every=3)
    assert "rises for 7 steps, and the training ends after 6" in rate
    assert kept == "There is a checkpoint every 5 steps, so of the multiples of 3 only those of 15 stay."
