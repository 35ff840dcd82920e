"""Closer looks at a sentence, without a window: what the tiny run is asked, when, and what the state says then."""

from __future__ import annotations

import pytest
import torch

from app.bench.reconstruct.inspection import requests
from app.bench.reconstruct.inspection.controller import InspectionController
from app.bench.reconstruct.inspection.rows import MOST_ROWS, rows
from app.bench.reconstruct.inspection.state import InspectionState
from app.bench.reconstruct.inspection.values import Answers
from app.bench.reconstruct.reconstruct import Reconstruct
from app.core.choice import Choice
from app.core.picks import NOTHING, Pick
from app.core.requester import Requester
from app.core.requests import decode_options
from app.core.state import ExplorerState
from app.run.context import Context
from engine.decoding.teacher_forcing import token_log_probabilities
from engine.errors import LoomError
from engine.session import Session
from tests.app.fakes import COLUMNS, DirectWorker

SENTENCE = "The cat sees the house today."
NAMES = ["vae", "autogen-m1"]


@pytest.fixture(scope="module")
def session(tiny_run) -> Session:
    return Session.load(tiny_run, "cpu")


@pytest.fixture
def context(qapp, session) -> Context:
    state = ExplorerState(columns=COLUMNS, shown=tuple(c.name for c in COLUMNS), choice=Choice(beam=3))
    models = Requester()
    worker = DirectWorker(lambda tell: session)
    worker.start()
    models.attach(worker)
    models.kept = worker  # type: ignore[attr-defined]
    return Context(state, models)


@pytest.fixture
def looks(context) -> InspectionController:
    made = InspectionController(context, InspectionState())
    made.look_at(SENTENCE, NOTHING)
    return made


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """The requests that were made, by name."""
    names: list[str] = []
    for name in ("cloud", "credit", "tree", "fill"):
        work = getattr(requests, name)
        monkeypatch.setattr(requests, name, lambda *given, name=name, work=work: (names.append(name), work(*given))[1])
    return names


def state_of(looks: InspectionController) -> InspectionState:
    return looks._state


def test_nothing_is_asked_while_the_sentence_is_looked_at(looks, context, asked):
    context.state.choice = Choice(beam=4)
    looks.look_at("another one", NOTHING)
    assert asked == []


def test_a_cloud_counts_the_draws_of_every_variant(looks, session):
    looks.set_draws(8)
    looks.look("cloud")
    answers = state_of(looks).cloud
    assert sorted(answers.found) == sorted(NAMES)
    assert not answers.busy
    for cloud in answers.found.values():
        assert sum(group.count for group in cloud.groups) == cloud.drawn == cloud.n == 8
        assert [group.count for group in cloud.groups] == sorted((g.count for g in cloud.groups), reverse=True)
        assert sum(group.count for group in cloud.groups if group.same) == cloud.same
        assert cloud.how.startswith("8 z ~ q(z|x), seeds 0 to 7")
    first = answers.found["vae"].groups[0].reading
    seed = int(first.how.split("seed ")[1].split(",")[0])
    again = session.encode(SENTENCE, ["vae"], sample=True, seed=seed)["vae"].z
    assert first.z == pytest.approx(again.tolist())


def test_credits_sum_to_what_z_adds_to_the_sentence(looks, session):
    looks.look("credit")
    for name, credit in state_of(looks).credit.found.items():
        assert [token.end for token in credit.tokens] == [False] * 7 + [True]
        assert credit.credit == pytest.approx(sum(token.credit for token in credit.tokens))
        z = session.encode(SENTENCE, [name])[name].z
        ids = torch.tensor([session.typed(SENTENCE).ids])
        model = session.model(name)
        given = token_log_probabilities(model, ids, torch.from_numpy(z[None])).sum()
        without = token_log_probabilities(model, ids, torch.zeros(1, model.latent)).sum()
        assert credit.credit == pytest.approx(float(given - without), abs=1e-4)


def test_blanks_are_filled_and_a_sentence_without_any_asks_nothing(looks, context, asked):
    looks.look("fill")
    assert asked == []
    assert state_of(looks).fill == Answers(text=SENTENCE)
    looks.set_fill_count(4)
    looks.look_at("the cat ___ the house today.", NOTHING)
    assert asked == ["fill"]
    for found in state_of(looks).fill.found.values():
        assert found.words[2] == "___"
        assert len(found.best) == 4
        assert not found.draft
        scores = [filling.log_probability for filling in found.best]
        assert scores == sorted(scores, reverse=True)
        assert all(len(filling.filled) == 1 and filling.filled[0] in filling.text.lower() for filling in found.best)


def test_every_column_has_quick_fillings_before_one_has_its_last(session):
    answers = list(requests.fill(session, "the cat ___ the house today.", 3, 0, NAMES))
    assert [answer.variant for answer in answers[:2]] == NAMES
    assert [answer.value.draft for answer in answers[:2]] == [True, True]
    assert [answer.value.draft for answer in answers[-2:]] == [False, False]


def test_a_look_is_asked_again_only_when_what_it_depends_on_has_changed(looks, context, asked):
    looks.look("credit")
    looks.look_at(SENTENCE, NOTHING)
    context.state.choice = Choice(method="greedy")  # words that are given are not searched for
    looks.look("sentence")
    looks.look("credit")
    assert asked == ["credit"]
    context.state.choice = Choice(sample=True, seed=3)
    assert asked == ["credit", "credit"]
    assert "seed 3" in state_of(looks).credit.found["vae"].how
    looks.look_at("A teacher paints.", NOTHING)
    assert len(state_of(looks).credit.found["vae"].tokens) == 5


def test_nothing_is_asked_for_a_tab_out_of_view_until_it_is_in_view_again(looks, context, asked):
    looks.look("credit")
    looks.show(False)
    looks.look_at("A teacher paints.", NOTHING)
    assert asked == ["credit"]
    looks.show(True)
    assert asked == ["credit", "credit"]


def test_an_empty_field_empties_the_look(looks, context):
    looks.look("credit")
    looks.look_at("", NOTHING)
    assert state_of(looks).credit == Answers()


def test_typing_brings_the_look_up_to_date(context, qtbot):
    typing = Reconstruct(context, pause=1)
    typing.show(True)
    typing.inspection.open("credit")
    typing.type("My old dog sleeps")
    looks = typing.inspection.state
    qtbot.waitUntil(lambda: bool(looks.credit.found), timeout=5000)
    assert [token.word for token in looks.credit.found["vae"].tokens[:3]] == ["my", "old", "dog"]


def test_a_look_that_is_left_is_not_waited_for_and_asked_again_later(qapp, session):
    state = ExplorerState(columns=COLUMNS, shown=tuple(c.name for c in COLUMNS))
    context = Context(state, Requester())
    looks = InspectionController(context, InspectionState(draws=8))
    looks.look_at(SENTENCE, NOTHING)
    looks.look("cloud")
    assert state_of(looks).cloud.busy
    looks.look("sentence")
    assert not state_of(looks).cloud.busy
    worker = DirectWorker(lambda tell: session)
    worker.start()
    context.models.attach(worker)
    assert state_of(looks).cloud.found == {}
    looks.look("cloud")
    assert len(state_of(looks).cloud.found) == 2


@pytest.mark.parametrize(
    ("text", "look", "words"),
    [
        ("word " * 10_000, "cloud", "10,000 tokens, words and punctuation marks; at most 200"),
        ("word " * 10_000, "credit", "10,000 tokens, words and punctuation marks; at most 200"),
        ("\u0007\u200b", "credit", "no word"),
        ("___", "fill", "nothing but blanks"),
        ("a ___ b ___ c ___ d ___ e", "fill", "4 blanks"),
        ("go___home", "fill", "glued"),
    ],
)
def test_what_cannot_be_answered_says_why_in_words(looks, context, text, look, words):
    looks.look(look)
    looks.look_at(text.strip(), NOTHING)
    answers = getattr(state_of(looks), look)
    assert words in answers.problem
    assert (answers.found, answers.busy) == ({}, False)


def test_other_scripts_are_unknown_words_with_a_credit_of_their_own(looks, context):
    looks.look_at("the 漢字 sees кошка today", NOTHING)
    looks.look("credit")
    assert [token.unknown for token in state_of(looks).credit.found["vae"].tokens][:4] == [False, True, False, True]


def test_one_variant_that_fails_leaves_the_other(looks, context, session, monkeypatch):
    model = session.model

    def gone(name):
        if name == "vae":
            raise LoomError("its weights are gone")
        return model(name)

    monkeypatch.setattr(session, "model", gone)
    blank = "the ___ sees the house"
    for look, text in (("cloud", SENTENCE), ("credit", SENTENCE), ("tree", SENTENCE), ("fill", blank)):
        looks.look_at(text, NOTHING)
        looks.look(look)
        answers = getattr(state_of(looks), look)
        assert answers.failed == {"vae": "its weights are gone"}
        assert set(answers.found) == {"autogen-m1"}


def test_broken_variants_are_not_asked(looks, context):
    context.state.broken = {"vae": "its checkpoint is cut off"}
    looks.look("credit")
    assert set(state_of(looks).credit.found) == {"autogen-m1"}


def test_another_run_forgets_everything(looks):
    looks.look("credit")
    looks.forget()
    assert state_of(looks).credit == Answers()


def test_rows_for_the_table_say_how_they_were_made(looks, context):
    looks.set_draws(16)
    looks.look("cloud")
    made = rows(state_of(looks), COLUMNS)
    groups = {name: cloud.groups for name, cloud in state_of(looks).cloud.found.items()}
    assert 1 <= len(made) <= MOST_ROWS
    assert made[0].sentences == {name: groups[name][0].reading.text for name in groups}
    assert made[0].how == (
        f"number 1 by frequency (VAE {groups['vae'][0].count}, AutoGen m=1 {groups['autogen-m1'][0].count})"
        f" of {state_of(looks).cloud.found['vae'].how}"
    )
    looks.look_at("the cat ___ the house today.", NOTHING)
    looks.look("fill")
    made = rows(state_of(looks), COLUMNS[:1])
    assert len(made) == 8
    assert set(made[0].sentences) == {"vae"}
    assert made[1].how.startswith("number 2 by log p(x) with K=32")
    looks.look("sentence")
    assert rows(state_of(looks), COLUMNS) == ()


def test_a_point_has_credits_of_the_sentence_it_is_decoded_to_and_no_cloud(looks, context, session):
    z = session.encode(SENTENCE, ["vae"], sample=True, seed=4)["vae"].z
    looks.look_at("a point", Pick("a point", {"vae": tuple(z.tolist())}, "z ~ q(z|x), seed 4"))
    looks.look("credit")
    answers = state_of(looks).credit
    decoded = session.decode("vae", z[None], decode_options(context.state.choice))[0]
    assert tuple(token.word for token in answers.found["vae"].tokens[:-1]) == decoded.words
    assert answers.found["vae"].given == pytest.approx(decoded.log_probability, abs=1e-3)
    assert answers.found["vae"].how == "z ~ q(z|x), seed 4, beam 3"
    assert answers.failed == {"autogen-m1": "“a point” was sent without a point of this model."}
    for look in ("cloud", "fill"):
        looks.look(look)
        assert "needs a sentence" in getattr(state_of(looks), look).problem


def test_a_tree_holds_the_n_best_and_the_sentence_of_the_card(looks, context, session):
    context.state.choice = Choice(beam=4, n_best=3)
    looks.look("tree")
    for name, beams in state_of(looks).tree.found.items():
        card = session.reconstruct(SENTENCE, [name], decode_options(context.state.choice))[0].decoded
        assert beams.best[0].words == card.words
        assert len(beams.best) == 3
        assert beams.how.startswith("z = μ, beam 4, 3 best")
        ends = {node.rank: (i, node) for i, node in enumerate(beams.nodes) if node.end and node.rank >= 0}
        assert sorted(ends) == [0, 1, 2]
        for rank, (i, end) in ends.items():
            way, own = [], []
            while beams.nodes[i].parent >= 0:
                way.append(beams.nodes[i].text)
                own.append(beams.nodes[i].own)
                i = beams.nodes[i].parent
            assert tuple(reversed(way[1:])) == beams.best[rank].words
            assert sum(own) == pytest.approx(end.total, abs=1e-3)
            assert end.total == pytest.approx(beams.best[rank].log_probability, abs=1e-3)
        assert ends[0][1].state == "best"
        assert {node.state for node in beams.nodes} == {"kept", "pruned", "ended", "best"}


def test_a_greedy_search_is_a_tree_of_one_beam_and_gives_the_same_sentence(looks, context, session):
    context.state.choice = Choice(method="greedy", n_best=5, length_normalisation=0.5)
    looks.look("tree")
    beams = state_of(looks).tree.found["vae"]
    card = session.reconstruct(SENTENCE, ["vae"], decode_options(context.state.choice))[0].decoded
    assert [reading.words for reading in beams.best] == [card.words]


def test_rows_of_a_tree_are_those_of_its_column_and_of_the_list_those_of_all(looks, context):
    context.state.choice = Choice(beam=4, n_best=2)
    looks.look("tree")
    looks.show_tree("autogen-m1")
    found = state_of(looks).tree.found
    made = rows(state_of(looks), COLUMNS)
    assert [row.sentences for row in made] == [{"autogen-m1": reading.text} for reading in found["autogen-m1"].best]
    looks.list_best(True)
    made = rows(state_of(looks), COLUMNS)
    assert made[1].sentences == {name: beams.best[1].text for name, beams in found.items()}
    assert made[1].how == f"number 2 of {found['vae'].how}"
    assert made[0].pick is not None
    assert set(made[0].pick.z) == set(NAMES)


def test_the_tree_of_a_point_begins_at_its_z(looks, context, session):
    z = session.encode(SENTENCE, ["vae"], sample=True, seed=4)["vae"].z
    looks.look_at("a point", Pick("a point", {"vae": tuple(z.tolist())}, "z ~ q(z|x), seed 4"))
    looks.look("tree")
    beams = state_of(looks).tree.found["vae"]
    decoded = session.decode("vae", z[None], decode_options(context.state.choice))[0]
    assert beams.best[0].words == decoded.words
    assert beams.how.startswith("z ~ q(z|x), seed 4, beam 3")
    assert state_of(looks).tree.failed == {"autogen-m1": "“a point” was sent without a point of this model."}


def test_a_look_at_a_point_that_only_some_models_have_keeps_nothing_of_the_others(looks):
    looks.look("tree")
    looks.list_best(True)
    state = state_of(looks)
    assert set(state.tree.found) == set(NAMES)
    looks.look_at("there", Pick("there", {"vae": (0.5, -0.5, 1.0, 0.0)}))
    assert (set(state.tree.found), set(state.tree.failed)) == ({"vae"}, {"autogen-m1"})
    assert {name for row in rows(state, COLUMNS) for name in row.sentences} == {"vae"}
    looks.look_at(SENTENCE, NOTHING)
    assert (set(state.tree.found), state.tree.failed) == (set(NAMES), {})
