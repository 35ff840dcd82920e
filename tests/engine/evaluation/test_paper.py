"""What the paper prints is kept apart from what was measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.evaluation.comparison import TABLES
from engine.evaluation.paper import PRINTED
from engine.workspace import CHECKOUT

PAPER = CHECKOUT.parent / "shared" / "paper" / "autogen.txt"


def test_every_printed_table_says_that_it_is_of_the_paper() -> None:
    for name, table in PRINTED.items():
        assert name in TABLES
        assert table.name.endswith("-in-the-paper")
        assert all(name.endswith("(paper)") for name in table.columns if name not in ("Input sentence", "Step"))
        assert "not of this run" in table.notes[0]
    assert [len(table.rows) for table in PRINTED.values()] == [4, 4, 11]


@pytest.mark.shared_data
def test_the_sentences_of_table_5_stand_in_the_paper() -> None:
    if not Path(PAPER).is_file():
        pytest.skip("the paper is not beside the checkout")
    printed = _letters(PAPER.read_text(encoding="utf-8"))
    for row in PRINTED["interpolation"].rows:
        for sentence in row[1:]:
            assert _letters(sentence) in printed


def _letters(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalpha())
