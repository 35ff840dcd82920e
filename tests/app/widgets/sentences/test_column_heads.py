"""The heads above the columns of a grid that stands in a window of its own."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QWidget

from app.widgets.labels import ColourChip, ElidedLabel
from app.widgets.parts import EDGE, SPACING
from app.widgets.sentences.column_heads import ColumnHeads


def names(heads: ColumnHeads) -> list[str]:
    QApplication.processEvents()
    return [each.text() for each in heads.findChildren(ElidedLabel) if each.isVisibleTo(heads)]


def test_each_column_has_its_name_and_a_variant_its_colour_at_even_widths(qtbot):
    heads = ColumnHeads()
    qtbot.addWidget(heads)
    heads.resize(600, 30)
    heads.set_heads([("Sentence", ""), ("VAE", "#56B4E9"), ("AutoGen", "#1BB58A")])
    heads.show()
    assert names(heads) == ["Sentence", "VAE", "AutoGen"]
    assert len(heads.findChildren(ColourChip)) == 2
    left = [each.parentWidget().x() for each in heads.findChildren(ElidedLabel)]
    assert left[1] - left[0] == left[2] - left[1] or abs(left[1] - left[0] - (600 - 2 * EDGE + SPACING) / 3) <= 1


def test_other_heads_take_the_place_of_those_before_and_the_same_are_left(qtbot):
    heads = ColumnHeads()
    qtbot.addWidget(heads)
    heads.show()
    heads.set_heads([("VAE", "#56B4E9")])
    kept = heads.findChildren(QWidget)
    heads.set_heads((("VAE", "#56B4E9"),))
    assert heads.findChildren(QWidget) == kept
    heads.set_heads([("A", ""), ("B", "")])
    assert names(heads) == ["A", "B"]
