"""The cards of the variants: what they show is whole, however small the window."""

from __future__ import annotations

import pytest

from app.bench.reconstruct.view import ReconstructView
from app.core.picks import Pick
from app.core.values import Column, Decoded, Reading
from app.widgets.sentences.rich_text import Span
from app.widgets.sentences.sentence_card import Said
from app.widgets.sentences.sentence_cards import SentenceCards
from tests.app.fakes import COLUMNS

SENTENCE = "i would have thought that one could always be able to go home with all of them"
WORDS = tuple(SENTENCE.split())


def decoded() -> Decoded:
    reading = Reading(WORDS, SENTENCE, -19.1, 7.3, "z = μ, beam 10", input_log_probability=-44.8)
    return Decoded(SENTENCE, WORDS, (False,) * len(WORDS), {column.name: reading for column in COLUMNS})


@pytest.mark.parametrize("height", [150, 500])
def test_in_a_small_window_the_bars_give_way_and_nothing_else(qtbot, height):
    view = ReconstructView()
    qtbot.addWidget(view)
    view.set_columns(COLUMNS)
    view.resize(560, height)
    view.show()
    view.show_typed(Pick(SENTENCE), decoded(), {}, "")
    qtbot.wait(1)
    for column in COLUMNS:
        card = view._cards.card(column.name)
        for text in (card.sentence, card._numbers):
            assert text.height() >= text.heightForWidth(text.width())
            assert text.geometry().bottom() <= card.height()
        assert card.facts.room == (3 if height == 500 else 0)


def test_no_number_is_parted_from_its_name(qtbot):
    view = ReconstructView()
    qtbot.addWidget(view)
    view.set_columns(COLUMNS)
    view.show_typed(Pick("x"), decoded(), {}, "")
    said = view._cards.card("vae")._numbers.text().split(" ")
    assert [part.replace("\N{NO-BREAK SPACE}", " ") for part in said[:5]] == [
        "log", "p(x̂|z) −19.1 ·", "log", "p(x|z) −44.8 ·", "KL 7.3 ·",
    ]  # fmt: skip


def test_what_stands_beneath_the_cards_waits_where_it_is_while_they_are_asked(qtbot):
    cards = SentenceCards(brief=True)
    qtbot.addWidget(cards)
    before = cards.minimumHeight()
    assert before > 0  # before any variant is known
    cards.set_columns(COLUMNS)
    cards.show_decoded(Decoded(), {}, "Click a point.")
    cards.resize(400, cards.minimumSizeHint().height())
    cards.show()
    cards.show_decoded(decoded(), {}, "")
    cards.resize(400, cards.sizeHint().height())
    high = cards.height()
    assert high > before
    cards.show_decoded(Decoded(SENTENCE, busy=True), {}, "")
    assert cards.minimumSizeHint().height() <= high == max(cards.minimumHeight(), cards.minimumSizeHint().height())
    cards.show_decoded(Decoded("Hm.", WORDS[:1]), {}, "")
    assert cards.minimumHeight() == before


@pytest.mark.parametrize(("width", "said"), [(500, True), (240, False)])
def test_brief_cards_say_how_a_sentence_was_made_where_it_costs_no_line(qtbot, width, said):
    cards = SentenceCards(brief=True)
    qtbot.addWidget(cards)
    cards.set_columns(COLUMNS[:1])
    cards.resize(width, 100)
    cards.show()
    cards.show_decoded(decoded(), {}, "")
    numbers = cards.card(COLUMNS[0].name)._numbers
    assert ("beam" in numbers.text()) == said
    assert "beam" in numbers.toolTip()
    assert "KL" in numbers.text()


def test_the_card_of_a_variant_that_has_gone_serves_the_next_and_says_nothing_of_it(qtbot):
    cards = SentenceCards(large=True)
    qtbot.addWidget(cards)
    cards.set_columns(COLUMNS)
    cards.show_decoded(decoded(), {}, "")
    stays, gone = (cards.card(column.name) for column in COLUMNS[:2])
    said = stays.said
    cards.set_columns((Column("late", "Late", "#123456"), COLUMNS[0]))
    assert (cards.card(COLUMNS[0].name), cards.card("late")) == (stays, gone)
    assert stays.said == said
    assert gone.said == Said(Column("late", "Late", "#123456"), (Span("", "muted"),), large=True)
    assert (gone.sentence.toolTip(), gone.send.picks, gone.facts.facts) == ("", (), ())
    assert "Late" in gone.send.toolTip()
    assert [cards.layout().indexOf(card) for card in (gone, stays)] == [0, 1]
