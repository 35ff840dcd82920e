"""The Reconstruct tab without a window: what is typed or sent, and what the state says afterwards."""

from __future__ import annotations

from unittest.mock import create_autospec

from app.bench.reconstruct.reconstruct import Reconstruct
from app.core.choice import Choice
from app.core.picks import Origin, Pick
from app.core.values import Decoded, Mark
from engine.errors import LoomError

BOTH = ("vae", "autogen-m1")


def test_typing_reconstructs_once_after_the_last_key(context, session, qtbot):
    tab = Reconstruct(context, pause=30)
    for text in ("h", "he", "hello xylophone"):
        tab.type(text)
    qtbot.waitUntil(lambda: bool(tab.state.reconstructed.readings), timeout=2000)
    assert {asked[1] for asked in session.asked} == {"hello xylophone"}
    assert tab.state.reconstructed.unknown == (False, True)
    assert set(tab.state.reconstructed.spots) == {"vae", "autogen-m1"}
    tab.type(" ")
    assert tab.state.reconstructed.readings == {}


def test_what_cannot_be_read_says_so_instead_of_the_answers(context, session):
    tab = Reconstruct(context)
    session.typed = create_autospec(session.typed, side_effect=LoomError("There is no word in this sentence.", "Type."))
    tab.state.typed = "..."
    tab.ask()
    assert tab.state.reconstructed.problem == "There is no word in this sentence. Type."
    assert not tab.state.reconstructed.busy


def test_the_maps_show_where_the_typed_sentence_or_the_sent_point_lies_while_the_tab_is_open(context):
    tab = Reconstruct(context)
    tab.state.reconstructed = Decoded(spots={"vae": (2.0, 3.0)})
    tab.show_on_maps()
    assert context.state.on_maps.marks == {"vae": (Mark("typed", (2.0, 3.0)),)}
    tab.state.point = Pick("x", {"vae": (1.0, 1.0)})
    tab.show_on_maps()
    assert context.state.on_maps.marks == {"vae": (Mark("sent", (2.0, 3.0)),)}
    context.state.tab = "Table"
    tab.state.point = Pick("")
    tab.show_on_maps()
    assert context.state.on_maps.marks == {"vae": (Mark("sent", (2.0, 3.0)),)}


def test_what_is_gathered_says_which_test_sentence_it_is_until_that_is_changed(context):
    tab, gathered = Reconstruct(context), []
    tab.gathered.connect(gathered.extend)
    for pick in (Pick("It is late.", index=3), Pick("It is late."), Pick("It is not late.")):
        tab.take(pick)
        tab.ask()
        tab.add_to_table()
    assert [row.index for row in gathered] == [3, -1, -1]
    assert {(each.log_probability, each.kl) for row in gathered for each in row.numbers.values()} == {(-3.5, 2.0)}


def test_a_choice_says_how_sentences_are_made():
    assert Choice().how == "z = μ, beam 10"
    assert Choice(sample=True, method="greedy", seed=3).how == "z ~ q(z|x), seed 3, greedy"


def test_a_point_that_no_model_can_decode_leaves_nothing_of_the_sentence_before(context):
    tab, gathered = Reconstruct(context), []
    tab.gathered.connect(gathered.extend)
    tab.refresh.show(True)
    tab.take(Pick("hello"))
    tab.ask()
    assert tab.state.reconstructed.readings
    tab.take(Pick("there", dict.fromkeys(BOTH, (1.0, 2.0)), origin=Origin("another run")))
    tab.flush()
    decoded = tab.state.reconstructed
    assert (set(decoded.failed), decoded.readings, decoded.spots) == (set(BOTH), {}, {})
    assert not tab.view._add.isEnabled()
    assert context.state.on_maps.marks == {}
    tab.add_to_table()
    assert gathered == []


def test_a_point_of_one_model_goes_to_the_table_without_the_sentence_before_of_the_others(context):
    tab, gathered = Reconstruct(context), []
    tab.gathered.connect(gathered.extend)
    tab.take(Pick("hello"))
    tab.ask()
    tab.take(Pick("there", {"vae": (1.0, 2.0)}))
    tab.add_to_table()
    assert [set(row.sentences) for row in gathered] == [{"vae"}]
    assert set(tab.on_maps().marks) == {"vae"}


def test_what_was_shown_stays_while_the_next_answer_is_awaited(context):
    tab = Reconstruct(context)
    tab.take(Pick("hello"))
    tab.ask()
    shown = tab.state.reconstructed
    context.models.detach()
    tab.take(Pick("there", {"vae": (1.0, 2.0)}))
    waiting = tab.state.reconstructed
    assert (waiting.readings, waiting.spots, waiting.busy) == (shown.readings, shown.spots, True)
