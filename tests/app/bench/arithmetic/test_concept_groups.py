"""Concepts of the Arithmetic tab: two groups of sentences, what is added and how well it tells them apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.bench.arithmetic import requests
from app.bench.arithmetic.state import Outcome
from app.core.picks import Pick
from app.run.atlas import Opened
from tests.app.bench.arithmetic.calculating import A, B, fill, holding, point
from tests.app.fakes import DirectWorker


@pytest.mark.parametrize("strength", [1.0, -2.0])
def test_a_concept_adds_the_difference_of_the_means_of_both_groups(bench, atlas, strength):
    bench.state.strength = strength
    fill(bench)
    with_, without = holding(atlas, "cat"), holding(atlas, "teacher", "captain")
    assert len(with_) > 3
    assert [m.pick.index for m in bench.state.groups["with"].members] == with_
    for variant, reading in bench.state.concept.after.items():
        mu = atlas.cache.mu(variant).astype(np.float64)
        expected = point(bench, variant, A) + strength * (mu[with_].mean(axis=0) - mu[without].mean(axis=0))
        np.testing.assert_allclose(reading.z, expected, rtol=1e-5, atol=1e-5)
    assert f"{len(with_)} with “cat”" in bench.state.concept.how


def test_evidence_comes_for_every_variant_and_is_kept_while_the_slider_moves(bench, atlas, monkeypatch):
    fill(bench)
    evidence = bench.state.evidence
    assert set(evidence) == {"vae", "autogen-m1"}
    assert not bench.state.measuring
    for one in evidence.values():
        assert one.separation.low <= one.separation.value <= one.separation.high
        assert one.chance.value <= one.chance.high
    with_, without = holding(atlas, "cat"), holding(atlas, "teacher", "captain")
    mu = atlas.cache.mu("vae").astype(np.float64)
    length = np.linalg.norm(mu[with_].mean(axis=0) - mu[without].mean(axis=0))
    assert evidence["vae"].length.value == pytest.approx(length, rel=1e-5)
    monkeypatch.setattr(requests, "measure", lambda *_: pytest.fail("a slider does not change the direction"))
    bench.tab.set_strength(2.0)
    assert bench.state.evidence is evidence


def test_typed_sentences_and_points_are_encoded_for_their_group(bench, atlas):
    bench.tab.take(Pick(A), "subject")
    bench.tab.groups.type("with", B)
    bench.tab.groups.add_line("with")
    bench.tab.take(Pick("a point", {"vae": (1.0, 0.0, 0.0, 0.0), "autogen-m1": (0.0,) * 4}, "by hand"), "with")
    bench.tab.take(Pick(atlas.sentence(5), index=5), "without")
    assert bench.state.groups["with"].text == ""
    mean = (point(bench, "vae", B) + np.array([1.0, 0, 0, 0])) / 2
    expected = point(bench, "vae", A) + mean - atlas.cache.mu("vae")[5]
    np.testing.assert_allclose(bench.state.concept.after["vae"].z, expected, rtol=1e-5, atol=1e-5)
    assert set(bench.state.unmeasured) == {"vae", "autogen-m1"}
    assert all("each group needs two sentences or more" in reason for reason in bench.state.unmeasured.values())
    assert f"“{B}”; the point by hand" in bench.state.concept.how


def test_sentences_in_both_groups_count_in_neither(bench, atlas):
    fill(bench)
    before = bench.state.concept.after["vae"].z
    shared = holding(atlas, "dog")[0]
    for name in ("with", "without"):
        bench.tab.take_rows([shared], name)
    np.testing.assert_allclose(bench.state.concept.after["vae"].z, before, rtol=1e-6)


def test_more_sentences_than_a_group_takes_are_taken_evenly_spread(bench, monkeypatch, atlas):
    found = holding(atlas, "cat")
    for module in ("requests", "state", "concept_groups"):
        monkeypatch.setattr(f"app.bench.arithmetic.{module}.MOST", 3)
    bench.tab.groups.type("with", "cat")
    bench.tab.groups.add_all("with")
    group = bench.state.groups["with"]
    assert [m.pick.index for m in group.members] == [found[0], found[round((len(found) - 1) / 2)], found[-1]]
    assert group.how == f"3 of {len(found)} with “cat”, evenly spread"
    bench.tab.take(Pick("One too many."), "with")
    assert bench.told == ["A group takes 3 sentences; 1 more had no room in “with”."]
    bench.tab.take_rows([0, 1, 2, 3, 4], "without")
    assert [m.pick.index for m in bench.state.groups["without"].members] == [0, 2, 4]
    assert bench.told[1:] == ["A group takes 3 sentences: 3 of these 5, evenly spread."]


def test_a_search_counts_as_it_is_typed_and_adds_nothing_by_itself(bench, atlas, qtbot):
    bench.tab.groups.type("with", "Cat")
    qtbot.waitUntil(lambda: bench.state.groups["with"].matches is not None, timeout=2000)
    assert bench.state.groups["with"].matches == len(holding(atlas, "cat"))
    assert bench.state.groups["with"].members == ()
    bench.tab.groups.type("with", "zebra")
    bench.tab.groups.add_all("with")
    assert bench.told == ["No test sentence holds “zebra”."]
    assert bench.state.groups["with"].matches == 0


def test_the_count_of_a_text_that_was_changed_since_is_not_waited_for(bench):
    archive = bench.tab._context.archive
    archive.detach()
    bench.tab.groups.type("with", "cat")
    bench.tab.groups.add_all("with")
    assert archive.awaits("arithmetic, with")
    bench.tab.groups.type("with", "cats and dogs")
    assert not archive.awaits("arithmetic, with")


def test_groups_that_are_wanted_before_the_test_sentences_are_there_are_filled_once_they_are(bench, atlas):
    context = bench.tab._context
    context.archive.detach()
    context.atlas = None
    bench.tab.choose_face("concept")
    bench.tab.example()
    assert not any(group.members for group in bench.state.groups.values())
    context.atlas = atlas
    reader = DirectWorker(lambda tell: Opened((), "ready", atlas=atlas))
    reader.start()
    context.archive.attach(reader)
    searched = [group.text for group in bench.state.groups.values()]
    assert bench.told == [f"No test sentence holds “{phrase}”." for phrase in searched]  # of this small text
    bench.tab.groups.type("with", "cat")
    bench.tab.groups.add_all("with")
    assert [m.pick.index for m in bench.state.groups["with"].members] == holding(atlas, "cat")


def test_members_leave_one_by_one_and_all_together(bench):
    fill(bench)
    members = bench.state.groups["with"].members
    bench.tab.groups.remove("with", 1)
    assert bench.state.groups["with"].members == (members[0], *members[2:])
    assert f"{len(members) - 1} of {len(members)} with “cat”" in bench.state.concept.how
    bench.tab.groups.clear("with")
    assert (bench.state.concept, bench.state.evidence) == (Outcome(), {})


def test_the_clicked_sentence_goes_to_a_group(bench, atlas):
    bench.tab.take_clicked("with")
    assert bench.told == ["Click a sentence on a map first."]
    bench.explorer.selection_text, bench.explorer.selection = atlas.sentence(4), 4
    bench.tab.take_clicked("with")
    assert bench.state.groups["with"].how == "test sentence 5"
    assert bench.state.face == "concept"


@pytest.mark.parametrize("most", [3, 500])
def test_members_are_the_same_from_memory_and_from_the_file(atlas, monkeypatch, most):
    monkeypatch.setattr(requests, "MOST", most)
    indices = [0, 1, 2, 5, atlas.n - 1]
    chosen = [0, 2, atlas.n - 1] if most == 3 else indices
    for held in (atlas, replace(atlas, texts=None)):
        members = requests.members_at(held, indices)
        assert [(member.pick.index, member.pick.text) for member in members] == [
            (i, atlas.cache.sentence(i)) for i in chosen
        ]
