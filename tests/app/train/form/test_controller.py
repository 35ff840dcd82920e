"""The form's controller: what it begins with, what it refuses, and files of settings."""

from __future__ import annotations

import json
import shutil

import pytest

from engine.storage.files import write_json
from engine.training.plan import document_of
from tests.app.train.processes import FakeProcess


def test_the_form_begins_with_the_preset_and_what_is_prepared(form, controller):
    shown = form.state.form
    assert [each.name for each in shown.corpora] == ["demo", "tiny"]
    assert (shown.corpus, shown.problems) == ("demo", {})
    assert shown.plan.train.steps == 22_000
    form.set_corpus("tiny")
    assert (form.state.form.run, form.state.form.vocabulary) == ("tiny-2", shown.corpora[1].vocabulary)


def test_a_wrong_value_is_told_beside_its_field_and_keeps_the_last_good_plan(form, controller):
    form.set_value("train.steps", "many")
    shown = form.state.form
    assert set(shown.problems) == {"train.steps"}
    assert shown.plan.train.steps == 22_000
    controller.training.start(shown)
    assert FakeProcess.made == []
    form.set_value("train.steps", "500")
    assert form.state.form.problems == {}
    assert form.state.form.plan.train.steps == 500
    form.set_value("train.steps", "")
    assert form.state.form.plan.train.steps == 22_000


@pytest.mark.parametrize("name", ["", "a b", "../x", "tiny"])
def test_a_run_name_that_cannot_be_taken_is_told(form, controller, name):
    form.set_run(name)
    assert "run" in form.state.form.problems


@pytest.mark.parametrize("part", ["train", "test"])
def test_a_corpus_without_sentences_of_a_part_cannot_be_started(form, controller, workspace, part):
    file = workspace.root / "corpora" / "tiny" / "corpus.json"
    write_json(file, {**json.loads(file.read_text()), part: 0})
    form.open()
    assert form.state.form.problems == {}
    form.set_corpus("tiny")
    named = {"train": "training", "test": "test"}[part]
    assert form.state.form.problems["corpus"].startswith(f"has no {named} sentences")
    controller.training.start(form.state.form)
    assert FakeProcess.made == []
    form.set_corpus("demo")
    assert form.state.form.problems == {}


def test_variants_are_added_changed_and_removed(form, controller):
    def variants():
        return {v.name: v for v in form.state.form.plan.variants}

    form.add_variant()
    assert list(variants()) == ["vae", "vae-annealed", "autogen-m1", "autogen-m2", "autogen-m3"]
    assert variants()["autogen-m3"].m == 3
    form.set_variant(4, "name", "autogen-m7")
    assert variants()["autogen-m7"].m == 7
    form.set_variant(0, "m", "0.5")
    form.set_variant(0, "colour", "#123456")
    assert (variants()["vae"].m, variants()["vae"].colour) == (0.5, "#123456")
    form.set_variant(2, "kl_schedule.kind", "cyclical")
    assert any(key.startswith("variants.autogen-m1") for key in form.state.form.problems)
    form.set_variant(2, "kl_schedule.warmup", "40")
    assert variants()["autogen-m1"].kl_schedule.warmup == 40
    form.set_variant(2, "kl_schedule.cycles", "8")
    form.set_variant(2, "kl_schedule.kind", "linear")  # which has no cycles: they go, and the warm-up stays
    assert form.state.form.problems == {}
    assert form.state.form.document["variants"][2]["kl_schedule"] == {"kind": "linear", "warmup": 40}
    form.remove_variant(3)
    assert "autogen-m2" not in variants()
    for _ in range(9):
        form.add_variant()
    assert len(variants()) == 8
    for _ in range(9):
        form.remove_variant(0)
    assert len(variants()) == 1


def test_a_shorter_run_warms_up_in_proportion(form, controller):
    form.set_value("train.steps", "1740")
    annealed = form.state.form.plan.variants[1]
    assert annealed.kl_schedule.warmup == 435


def test_settings_are_saved_and_opened_as_the_command_line_does(form, controller, tmp_path):
    form.set_preset("small")
    form.set_value("model.recognition", "30, 20")
    form.set_value("model.bidirectional", "true")
    form.set_variant(3, "m", "4")
    plan = form.state.form.plan
    form.save(tmp_path / "settings.toml")
    form.set_preset("demo")
    form.remove_variant(0)
    form.read(tmp_path / "settings.toml")
    assert form.state.form.plan == plan
    assert plan.model.recognition == (30, 20)
    assert document_of(plan) == dict(form.state.form.document)


def test_a_file_with_a_fault_is_shown_with_it_where_it_can_be_corrected(form, controller, tmp_path):
    told = []
    form.failed.connect(lambda *words: told.append(words))
    (tmp_path / "a.toml").write_text('variants = [{name = "mine", m = "much"}]\n[train]\nsteps = -5\n')
    form.read(tmp_path / "a.toml")
    assert set(form.state.form.problems) == {"train.steps", "variants.mine.m"}
    assert len(told) == 1
    shown = form.state.form
    for place, text in enumerate(
        ("[train]\nstep = 5\n", 'variants = [{name = "mine", n = 1}]', "other = 1", "[train\n")
    ):
        (tmp_path / "b.toml").write_text(text)
        form.read(tmp_path / "b.toml")
        assert len(told) == 2 + place
        assert form.state.form == shown  # nobody could correct it in the form
    assert told[1][0] == "b.toml: train.step: there is no such setting; perhaps 'steps' is meant"


def test_a_variant_that_is_renamed_stays_what_it_was(form, controller):
    def at(index):
        return form.state.form.plan.variants[index]

    def typed(index, text):
        before = str(form.state.form.document.get("variants", [{}] * 9)[index].get("name", ""))
        for end in range(1, len(text) + 1):  # key by key, as the field tells it
            form.set_variant(index, "name", text[:end])
        return before

    warmup = at(1).kl_schedule.warmup
    typed(1, "warmed")
    assert (at(1).name, at(1).kl_schedule.kind, at(1).kl_schedule.warmup) == ("warmed", "linear", warmup)
    typed(3, "strong")
    assert (at(3).name, at(3).m) == ("strong", 2.0)
    typed(3, "autogen-m5")  # a name that stands for something says what it is
    assert (at(3).name, at(3).m, at(3).label) == ("autogen-m5", 5.0, "AutoGen m=5")
    form.set_variant(2, "m", "1.5")
    typed(2, "mine")
    assert at(2).m == 1.5
    typed(0, "plain")
    assert (at(0).m, at(0).kl_schedule.kind) == (0.0, "none")


def test_a_training_starts_from_the_weights_of_a_run_that_has_such_models(form, controller):
    form.set_corpus("tiny")
    form.set_weights_from(" nobody ")
    assert "There is no run named 'nobody'" in form.state.form.problems["from"]
    form.set_weights_from("tiny:other")
    assert "no variant 'other'" in form.state.form.problems["from"]
    form.set_weights_from("tiny:vae")
    assert "do not fit: “Word vector” is " in form.state.form.problems["from"]
    controller.training.start(form.state.form)
    assert FakeProcess.made == []
    for key, value in (("embedding", 12), ("hidden", 16), ("latent", 4), ("bidirectional", "false")):
        form.set_value(f"model.{key}", str(value))
    assert form.state.form.problems == {}
    controller.training.start(form.state.form)
    (process,) = FakeProcess.made
    arguments = process.arguments
    assert arguments[arguments.index("--from") + 1] == "tiny:vae"
    form.set_weights_from("")
    assert form.state.form.weights_from == ""


def test_the_name_of_a_run_that_has_begun_since_gives_way_to_a_free_one(form, workspace):
    form.set_corpus("tiny")
    form.set_run("mine")
    form.open()
    assert form.state.form.run == "mine"
    shutil.copytree(workspace.root / "runs" / "tiny", workspace.root / "runs" / "mine")
    form.open()
    assert (form.state.form.run, form.state.form.problems) == ("tiny-2", {})
    form.set_run("mine")  # what is typed stays, and is told to be taken
    form.open()
    assert form.state.form.run == "mine"
    assert "run" in form.state.form.problems
