"""The sentences behind a number as rows."""

from __future__ import annotations

import pytest

from app.evaluate.behind import changed_spans, heads_of, is_sentence, rows_of
from engine.evaluation.measures.definitions import DEFINITIONS
from engine.evaluation.measures.result import Item
from tests.app.evaluate.results import items
from tests.app.fakes import COLUMNS


def test_a_reconstruction_stands_beside_its_source_with_what_has_changed_marked():
    definition = DEFINITIONS["bleu_beam_z"]
    rows = rows_of(items("bleu_beam_z"), definition, COLUMNS[0])
    source, made = rows[0].cells
    assert (source.text, source.number, made.text) == ("I love you.", "0.0", "I like you.")
    assert [span.text for span in made.spans if span.role == "changed"] == ["like"]
    assert source.pick is not None
    assert source.pick.index == 0
    assert rows[4].cells[1].text == "(no words)"
    assert rows[2].cells[0].text.startswith("=SUM(A1:A3)")


@pytest.mark.parametrize(
    ("key", "heads", "sentences"),
    [
        ("elbo", ("Test sentence",), True),
        ("bleu_greedy_mu", ("Test sentence", "Given back"), True),
        ("novelty", ("Sample of the prior",), False),
        ("end_recovery", ("Between", "The way"), False),
    ],
)
def test_what_the_columns_are(key, heads, sentences):
    there = items(key)
    assert heads_of(DEFINITIONS[key], there) == heads
    assert is_sentence(DEFINITIONS[key], there) is sentences
    assert {len(row.cells) for row in rows_of(there, DEFINITIONS[key], COLUMNS[0])} == {len(heads)}


def test_reverse_perplexity_is_of_test_sentences():
    definition = DEFINITIONS["reverse_perplexity"]
    there = (Item(3, 80.0, "It is late.", ()),)
    assert is_sentence(definition, there)
    assert rows_of(there, definition, COLUMNS[0])[0].cells[0].text == "It is late."


@pytest.mark.parametrize("text", ["", "אני אוהב את הים", "a=b, “c”\td", "👍 ok", "I like you."])
def test_marking_loses_no_sign(text):
    assert "".join(span.text for span in changed_spans("I love you.", text)) == text
