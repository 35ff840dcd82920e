"""The Arithmetic tab's controller, with the tiny run's real models and cache."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest

from app.bench.arithmetic import requests
from app.bench.arithmetic.arithmetic import Arithmetic
from app.bench.arithmetic.state import Outcome
from app.bench.arithmetic.words import sent, warning
from app.bench.table.latex_text import latex_text
from app.bench.table.words import table_notes
from app.core.choice import Choice
from app.core.picks import Pick
from app.core.state import ExplorerState
from app.run.atlas import Atlas, Opened, columns_of, read_atlas
from app.run.context import Context
from engine.decoding.options import DecodeOptions
from engine.errors import LoomError
from engine.session import Session
from engine.storage.latent_cache import LatentCache
from tests.app.fakes import DirectWorker, answering

A, B, C = "The cat sees the house today.", "The cat loves the house today.", "A teacher loves some bread again."


@pytest.fixture(scope="module")
def session(tiny_run) -> Session:
    return Session.load(tiny_run, "cpu")


@pytest.fixture(scope="module")
def atlas(tiny_workspace) -> Atlas:
    with LatentCache.open(tiny_workspace.cache("tiny")) as cache:
        yield read_atlas(cache)


@dataclass
class Bench:
    """The tab, and what the models were asked."""

    tab: Arithmetic
    session: Session
    asked: list[tuple[tuple[str, ...], str]]
    gathered: list[object]
    told: list[str]

    @property
    def state(self):
        return self.tab.state

    @property
    def explorer(self) -> ExplorerState:
        return self.tab._explorer


@pytest.fixture
def bench(qtbot, session, atlas, tiny_run, monkeypatch) -> Iterator[Bench]:
    columns = columns_of(tiny_run)
    state = ExplorerState(columns=columns, shown=tuple(c.name for c in columns), run="tiny", choice=Choice(beam=3))
    archive = answering(Opened(columns, "ready", atlas=atlas))
    tab = Arithmetic(Context(state, answering(session), atlas, archive), rest=10)
    qtbot.addWidget(tab.view)
    made = Bench(tab, session, [], [], [])
    decode_all = session.decode_all

    def spy(z, options):
        made.asked.append((tuple(z), options.method))
        return decode_all(z, options)

    monkeypatch.setattr(session, "decode_all", spy)
    tab.gathered.connect(made.gathered.append)
    tab.told.connect(made.told.append)
    yield made
    tab.refresh.stop()


def calculate(bench: Bench, share: float = 1.0) -> Outcome:
    bench.state.share = share
    for name, text in (("a", A), ("b", B), ("c", C)):
        bench.tab.take(Pick(text), name)
    return bench.state.analogy


def point(bench: Bench, variant: str, text: str, **how: object) -> np.ndarray:
    return bench.session.encode(text, [variant], **how)[variant].z.astype(np.float64)


def words(bench: Bench, variant: str, z: np.ndarray, options: DecodeOptions) -> tuple[str, ...]:
    return bench.session.decode(variant, z.astype(np.float32)[None], options)[0].words


@pytest.mark.parametrize("share", [1.0, 0.4, -1.5])
def test_a_minus_b_plus_c_is_that_point_decoded_in_every_column(bench, share):
    outcome = calculate(bench, share)
    assert set(outcome.after) == {"vae", "autogen-m1"}
    for variant, reading in outcome.after.items():
        a, b, c = (point(bench, variant, text) for text in (A, B, C))
        np.testing.assert_allclose(reading.z, a + share * (c - b), rtol=1e-5, atol=1e-6)
        assert reading.words == words(bench, variant, a + share * (c - b), DecodeOptions(beam=3))
        assert outcome.before[variant].words == words(bench, variant, a, DecodeOptions(beam=3))
        assert not reading.draft
    assert not outcome.busy


def test_the_quick_answer_of_all_variants_comes_first_and_then_each_beam(bench):
    calculate(bench)
    assert bench.asked == [(("vae", "autogen-m1"), "greedy"), (("vae",), "beam"), (("autogen-m1",), "beam")]


def test_a_slider_asks_for_quick_answers_and_for_beams_once_it_rests(bench, qtbot):
    calculate(bench)
    bench.asked.clear()
    for value in (0.5, 0.6, 0.7):
        bench.tab.set_strength(value)
    assert bench.asked == [(("vae", "autogen-m1"), "greedy")] * 3
    assert bench.state.analogy.busy
    assert all(reading.draft for reading in bench.state.analogy.after.values())
    qtbot.waitUntil(lambda: not bench.state.analogy.busy, timeout=2000)
    assert bench.asked[3:] == [(("vae",), "beam"), (("autogen-m1",), "beam")]
    assert "a + 0.70 × (c − b)" in bench.state.analogy.after["vae"].how


def test_the_beams_of_a_moved_slider_come_even_when_the_other_face_is_opened_meanwhile(bench, qtbot):
    fill(bench)
    calculate(bench)
    bench.tab.set_strength(0.5)
    assert bench.state.analogy.after["vae"].draft
    bench.tab.choose_face("concept")
    bench.tab.ask()
    bench.tab.choose_face("analogy")
    bench.tab.set_strength(0.6)
    bench.tab.choose_face("concept")
    qtbot.waitUntil(lambda: not bench.state.analogy.busy, timeout=2000)
    assert not bench.state.analogy.after["vae"].draft
    assert "a + 0.60 × (c − b)" in bench.state.analogy.after["vae"].how


def test_with_greedy_chosen_the_quick_answer_is_the_answer(bench):
    bench.explorer.choice = Choice(method="greedy")
    calculate(bench)
    bench.asked.clear()
    bench.tab.set_strength(0.5)
    assert len(bench.asked) == 1
    assert not bench.state.analogy.busy
    assert not bench.state.analogy.after["vae"].draft


def test_samples_of_a_b_and_c_are_different_draws_and_said_so(bench):
    bench.explorer.choice = Choice(sample=True, seed=7, beam=2)
    outcome = calculate(bench)
    for variant, reading in outcome.after.items():
        a, b, c = (point(bench, variant, t, sample=True, seed=7 + i) for i, t in enumerate((A, B, C)))
        np.testing.assert_allclose(reading.z, a - b + c, rtol=1e-5, atol=1e-6)
    assert "z ~ q(z|x), seeds 7, 8, 9 of a, b, c, beam 2" in outcome.how


def test_the_line_names_everything_that_is_needed_to_repeat_it(bench):
    how = calculate(bench).how
    for part in ("a − b + c", f"“{A}”", f"“{B}”", f"“{C}”", "z = μ", "beam 3"):
        assert part in how


def test_a_point_without_a_variant_fails_in_that_column_only(bench):
    calculate(bench)
    bench.tab.take(Pick("step 3", {"vae": (0.1, 0.2, 0.3, 0.4)}, "lerp, step 3"), "a")
    outcome = bench.state.analogy
    assert set(outcome.after) == {"vae"}
    assert "without a point of this model" in outcome.failed["autogen-m1"]
    assert "the point lerp, step 3" in outcome.how
    bench.tab.take(Pick("other", {"vae": (0.1, 0.2), "autogen-m1": (0.0, float("nan"), 0.0, 0.0)}), "a")
    assert all("no point of this model" in reason for reason in bench.state.analogy.failed.values())
    bench.tab.take(Pick(A), "a")
    assert set(bench.state.analogy.after) == {"vae", "autogen-m1"}
    assert bench.state.analogy.failed == {}


def test_a_variant_that_cannot_decode_leaves_the_others_their_answers(bench, monkeypatch):
    decode_all = bench.session.decode_all

    def broken(z, options):
        if "vae" in z:
            raise LoomError("the numbers overflow")
        return decode_all(z, options)

    monkeypatch.setattr(bench.session, "decode_all", broken)
    outcome = calculate(bench)
    assert set(outcome.after) == {"autogen-m1"}
    assert outcome.failed == {"vae": "the numbers overflow"}


def test_what_cannot_be_read_says_so_and_an_emptied_field_empties_the_columns(bench):
    calculate(bench)
    bench.tab.set_operand("b", Pick("word " * 300))
    assert "at most 200 are read" in bench.state.analogy.problem
    assert not bench.state.analogy.after
    assert warning(bench.state.analogy) == bench.state.analogy.problem
    bench.tab.set_operand("b", Pick("The zebra loves xylophones today."))
    assert bench.state.analogy.unknown == ("zebra", "xylophones")
    assert warning(bench.state.analogy) == "Not in the vocabulary: zebra, xylophones"
    bench.tab.set_operand("b", Pick(""))
    assert bench.state.analogy == Outcome()


def fill(bench: Bench, subject: str = A) -> None:
    bench.tab.take(Pick(subject), "subject")
    for name, phrase in (("with", "cat"), ("without", "teacher | captain")):
        bench.tab.groups.type(name, phrase)
        bench.tab.groups.add_all(name)


def holding(atlas: Atlas, *phrases: str) -> list[int]:
    texts = [atlas.sentence(i).lower().replace(".", "").split() for i in range(atlas.n)]
    return [i for i, text in enumerate(texts) if any(phrase in text for phrase in phrases)]


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


def test_another_run_forgets_everything(bench):
    calculate(bench)
    fill(bench)
    bench.tab.forget()
    state = bench.state
    assert (state.a, state.subject, state.analogy, state.concept) == (Pick(""), Pick(""), Outcome(), Outcome())
    assert not any(group.members for group in state.groups.values())
    assert (state.evidence, bench.tab._memory.points) == ({}, {})


def test_another_choice_asks_for_both_faces_and_the_open_one_last(bench):
    calculate(bench)
    fill(bench)
    bench.asked.clear()
    bench.explorer.choice = Choice(beam=2, sample=True)
    bench.tab.ask()
    assert "z ~ q(z|x)" in bench.state.analogy.how
    assert "z ~ q(z|x)" in bench.state.concept.how
    for variant, reading in bench.state.concept.after.items():
        assert "beam 2" in reading.how
        assert variant in bench.state.evidence


def test_the_result_goes_to_the_table_and_on_as_points(bench):
    bench.tab.add()
    assert bench.gathered == []
    calculate(bench)
    bench.tab.add()
    (row,) = bench.gathered[0]
    assert row.source == f"{A} − {B} + {C}"
    assert row.sentences == {name: reading.text for name, reading in bench.state.analogy.after.items()}
    assert row.how == bench.state.analogy.how
    after = bench.state.analogy.after
    assert {v: each.log_probability for v, each in row.numbers.items()} == {
        v: r.log_probability for v, r in after.items()
    }
    assert any("the z of a, less that of b" in note for note in table_notes("tiny", [row]))
    point = sent(bench.state.analogy, row.source)
    assert point is not None
    assert (row.pick, point.sentences, point.search) == (point, row.sentences, "beam 3")
    bench.tab.take(point, "a")
    np.testing.assert_allclose(bench.state.analogy.before["vae"].z, point.z["vae"], rtol=1e-6)
    assert bench.state.analogy.before["vae"].words == words(
        bench, "vae", np.array(point.z["vae"]), DecodeOptions(beam=3)
    )
    assert latex_text(row.how).startswith("a - b + c; a: “The cat")


def test_an_example_fills_in_everything(bench):
    bench.tab.example()
    assert set(bench.state.analogy.after) == {"vae", "autogen-m1"}
    first = bench.state.a
    bench.tab.example()
    assert bench.state.a != first
    bench.tab.choose_face("concept")
    bench.tab.example()
    assert bench.state.groups["without"].text
    assert bench.state.subject.text


def test_the_clicked_sentence_goes_to_a_group(bench, atlas):
    bench.tab.take_clicked("with")
    assert bench.told == ["Click a sentence on a map first."]
    bench.explorer.selection_text, bench.explorer.selection = atlas.sentence(4), 4
    bench.tab.take_clicked("with")
    assert bench.state.groups["with"].how == "test sentence 5"
    assert bench.state.face == "concept"


def test_a_result_of_other_sentences_is_neither_gathered_nor_sent_on_under_the_name_of_these(bench):
    calculate(bench)
    bench.tab._context.models.detach()  # the next answer is still to come
    bench.tab.set_operand("c", Pick("The dog sees the river."))
    assert bench.state.analogy.busy
    assert bench.state.analogy.after
    bench.tab.add()
    assert bench.gathered == []
    assert sent(bench.state.analogy, "another") is None


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
