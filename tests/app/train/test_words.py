"""What the Train page says of a training's state."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.train import words
from app.train.files import TrainingFolder, Watched
from app.train.plots.curves import KEYS, Curve
from app.train.state import Own
from engine.runs.run import FirstWeights


@pytest.fixture(scope="module")
def done(tiny_run) -> Watched:
    return list(TrainingFolder(tiny_run.path).poll())[-1]


@pytest.fixture(scope="module")
def under_way(done) -> Watched:
    settings = done.settings.model_copy(update={"train": done.settings.train.model_copy(update={"steps": 100})})
    process = {**done.process, "state": "running"}
    return replace(done, settings=settings, life="running", process=process, seconds_per_step=2.0)


@pytest.mark.parametrize(
    ("life", "silent", "own", "said"),
    [
        ("running", 0, Own(), "Training, started elsewhere"),
        ("running", 0, Own("running"), "Training"),
        ("running", 0, Own("pausing"), "Pausing"),
        ("stopped", 0, Own("paused"), "Paused"),
        ("lost", 0, Own("stopped"), "Stopped"),
        ("stopped", 0, Own("failed", "The disk is full."), "Failed"),
        ("stopped", 9e9, Own(), "Stopped"),
        ("lost", 0, Own(), "Interrupted"),
        ("elsewhere", 20, Own(), "Training on"),
        ("elsewhere", 5000, Own(), "No news"),
        ("unknown", 5, Own(), "Training, started elsewhere"),
        ("unknown", 5000, Own(), "Not finished"),
    ],
)
def test_the_state_of_a_training_in_words(under_way, life, silent, own, said):
    _, state, about = words.headline(replace(under_way, life=life, silent=silent), own)
    assert state.startswith(said)
    assert about


def test_a_finished_training_is_finished_whatever_else_is_known(done):
    assert words.headline(done, Own())[1] == "Finished"
    assert words.headline(replace(done, life="unknown", process=None), Own())[1] == "Finished"


def test_time_is_left_only_while_something_trains(under_way):
    texts = [text for text, _ in words.facts(under_way, Own())]
    assert texts[:2] == ["step 40 of 100", "about 2 min left"]
    assert "checkpoint 40" in texts
    assert any("tokens/s" in text for text in texts)
    assert not any("left" in text for text, _ in words.facts(replace(under_way, life="lost"), Own()))


def test_a_paused_training_is_at_no_step_before_its_checkpoint(under_way):
    """Not every step is logged, and Pause writes a checkpoint at any."""
    paused = replace(under_way, life="lost", checkpoints=(40, 47))
    texts = [text for text, _ in words.facts(paused, Own())]
    assert texts[0] == "step 47 of 100"
    assert texts[-1] == "checkpoint 47"


def test_a_training_that_another_one_gave_its_weights_says_which(under_way):
    assert not any(text.startswith("from ") for text, _ in words.facts(under_way, Own()))
    origins = tuple(
        FirstWeights(variant=name, run="demo", of=name, step=22000, weights_sha256="0" * 64)
        for name in ("vae", "autogen-m1")
    )
    begun = replace(under_way, settings=under_way.settings.model_copy(update={"first_weights": origins}))
    assert "from demo, step 22,000" in [text for text, _ in words.facts(begun, Own())]


def test_lengths_of_time():
    assert [words.duration(s) for s in (4, 89, 600, 7500, 200_000)] == [
        "4 s",
        "89 s",
        "10 min",
        "2 h 05 min",
        "2 days 7 h",
    ]


def test_values_as_text():
    assert [words.value(v) for v in (None, float("nan"), float("inf"), 0, -12.345, 1234.5, 0.01234)] == [
        "–", "–", "∞", "0", "−12.35", "1,234", "0.012",
    ]  # fmt: skip


def test_a_stopped_variant_has_its_reason(done):
    lost = replace(done, stopped={"vae": (30, "its loss is not a number")})
    assert words.stopped_lines(lost) == ["VAE was stopped at step 30: its loss is not a number."]
    assert words.stopped_summary(lost) == f"{words.stopped_lines(lost)[0]} The other one goes on."
    assert words.stopped_summary(done) == ""
    assert not words.none_left(done)


def test_several_stopped_variants_are_told_in_one_short_line(done):
    third = done.settings.variants[0].model_copy(update={"name": "third", "label": "Third"})
    fourth = third.model_copy(update={"name": "fourth", "label": "Fourth"})
    settings = done.settings.model_copy(update={"variants": (*done.settings.variants, third, fourth)})
    lost = replace(done, settings=settings, stopped={"vae": (30, "a reason"), "third": (1000, "another")})
    said = words.stopped_summary(lost)
    assert said == "2 of 4 variants were stopped. The others go on. VAE at step 30, Third at step 1,000"
    assert len(words.stopped_lines(lost)) == 2


@pytest.mark.parametrize("life", ["unknown", "stopped", "lost", "elsewhere", "done"])
def test_a_run_without_a_variant_left_goes_on_nowhere(under_way, life):
    lost = replace(under_way, life=life, stopped={v.name: (30, "it exploded") for v in under_way.settings.variants})
    assert words.none_left(lost)
    assert not words.training_now(lost, Own())
    assert words.headline(lost, Own("paused"))[1] == "Every variant was stopped"
    assert "cannot be resumed" in words.stopped_summary(lost)
    assert "go on" not in words.stopped_summary(lost)


def test_the_probe_sentences_of_an_evaluation(done):
    assert words.evaluations(done) == (20, 40)
    assert words.probe_words(done, "vae", 20) == done.probes["vae"][0].words
    assert words.probe_words(done, "vae", 25) == ()


def test_values_are_read_at_the_nearest_step(done):
    curves = done.curves["vae"]
    assert words.readout(done, "vae", ["kl"], 21, "train") == [words.value(curves.train.at("kl", 20))]
    assert words.readout(done, "vae", ["kl"], None, "test") == [words.value(curves.test.at("kl", 40))]
    assert words.read_caption(done, 27, "train") == "Step 30"
    assert words.read_caption(done, 27, "test") == "Step 20"


def with_spread(curve: Curve, spread: float, sigma: float) -> Curve:
    """The same log, with these numbers at every step."""
    values = curve.values.copy()
    values[:, KEYS.index("mu_spread")], values[:, KEYS.index("mean_sigma")] = spread, sigma
    return Curve(curve.steps, values)


@pytest.fixture
def narrow(done):
    """A run whose encoders told no sentences apart at first, and learned to."""
    curves = {
        name: replace(each, start=with_spread(each.start, 5e-4, 0.98), test=with_spread(each.test, 0.42, 0.8))
        for name, each in done.curves.items()
    }
    return replace(done, curves=curves)


def test_the_spread_of_mu_is_known_from_before_the_first_step_on(done, narrow):
    assert done.curves["vae"].start.steps.tolist() == [0]
    assert [words.spread(narrow, "vae", step) for step in (0, 3, 37, 40)] == ["0.0005", "0.0005", "0.42", "0.42"]
    assert words.spread(narrow, "vae", 41) == "–"  # another run may be longer
    assert words.spread(replace(narrow, curves=None), "vae", 0) == "–"


def test_an_encoder_that_says_the_same_of_every_sentence_is_warned_of(done, narrow):
    columns = words.columns_of(narrow)
    assert words.spread_note(narrow, columns, 40) == ""
    note = words.spread_note(narrow, columns, 2)
    assert note.startswith("Step 0, every variant: μ differs by 0.0005 between sentences beside a σ of 0.98.")
    assert "Wide first weights" in note
    vae = narrow.curves["vae"]
    one = replace(narrow, curves={**narrow.curves, "vae": replace(vae, test=with_spread(vae.test, 0.001, 1.0))})
    later = words.spread_note(one, columns, 40)
    assert later.startswith("Step 40, VAE: μ differs by 0.001")
    assert "first weights" not in later


@pytest.mark.parametrize("short", ["vae", "autogen-m1"])
def test_a_variant_whose_log_ends_before_the_step_that_is_read_has_dashes(done, short):
    whole = done.curves[short]
    train, test = (Curve(each.steps[:2], each.values[:2]) for each in (whole.train, whole.test))
    test = Curve(test.steps[:1], test.values[:1])
    cut = replace(done, curves={**done.curves, short: replace(whole, train=train, test=test)})
    other = next(name for name in done.curves if name != short)
    for step, split in ((None, "train"), (40, "train"), (None, "test"), (37, "test")):
        assert words.read_caption(cut, step, split) == "Step 40"
        assert words.readout(cut, short, ["kl", "implied_m"], step, split) == ["–", "–"]
        assert words.readout(cut, other, ["kl"], step, split) == words.readout(done, other, ["kl"], step, split)
        assert words.readout(cut, other, ["kl"], step, split) != ["–"]
    assert words.readout(cut, short, ["kl"], 20, "test") == words.readout(done, short, ["kl"], 20, "test")
    assert words.step_read(cut, 34.0, "train") == 30


def test_a_training_that_has_failed_goes_on_no_more_however_new_its_files_are(tmp_path):
    fresh = Watched(tmp_path, life="unknown", step=5, silent=1.0)
    assert words.training_now(fresh, Own())
    assert not words.training_now(fresh, Own("failed"))


def test_a_start_counts_seconds_instead_of_steps(done):
    fresh = replace(done, step=0, checkpoints=())
    own = Own("starting", "Starting PyTorch")
    texts = [text for text, _ in words.facts(fresh, own, 12)]
    assert texts[0] == "Starting PyTorch · 12 s"
    assert not any(text.startswith("step") for text in texts)
    assert words.facts(fresh, Own())[0][0] == "no step yet, of 40"
    assert [text for text, _ in words.facts(done, own, 12)][:2] == ["Starting PyTorch · 12 s", "step 40 of 40"]
    assert words.read_caption(replace(done, curves={}), None, "train") == "No step yet"


@pytest.mark.parametrize(
    ("step", "checkpoints", "said"),
    [
        (0, (), "there is none yet, so all of it may be lost"),
        (70, (20, 40), "that of step 40 stays, the 30 steps after it may be lost"),
        (41, (40,), "that of step 40 stays, the 1 step after it may be lost"),
        (40, (40,), "that of step 40 stays, what came after it may be lost"),
    ],
)
def test_pause_and_stop_say_how_they_differ(under_way, step, checkpoints, said):
    now = replace(under_way, step=step, checkpoints=checkpoints)
    assert said in words.ways_to_end(now, Own("running"))
    assert words.ways_to_end(now, Own("running")).startswith("Pause writes a checkpoint first.")
    assert words.ways_to_end(now, Own()) == ""
