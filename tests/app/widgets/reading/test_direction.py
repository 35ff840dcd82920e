"""Where the ink of a text lies: from the right it begins at the right edge, and its end is at the left."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QTableView

from app.widgets.labels import ElidedLabel
from app.widgets.parts import label
from app.widgets.reading.direction import ReadingDelegate, direction_of, draw_text, text_option
from app.widgets.sentences.rich_text import Span
from app.widgets.sentences.sentence_row import Cell, _broken

HEBREW, ENGLISH = "הילד קרא", "The dog"
MIXED = "Windows 11 נפל אתמול בבית!"
WIDTH = 400


def ink(image: QImage) -> tuple[int, int]:
    """The first and the last column of pixels that are not as the upper left one."""
    ground = image.pixel(0, 0)
    inked = [x for x in range(image.width()) if any(image.pixel(x, y) != ground for y in range(image.height()))]
    return inked[0], inked[-1]


def drawn(text: str, flags: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft) -> tuple[int, int]:
    image = QImage(WIDTH, 40, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    draw_text(painter, QRectF(0, 0, WIDTH, 40), flags, text)
    assert painter.layoutDirection() == Qt.LayoutDirection.LayoutDirectionAuto
    painter.end()
    return ink(image)


def test_a_painted_line_begins_where_it_reads_from(qapp):
    assert drawn(ENGLISH)[0] < 10
    assert drawn(HEBREW)[1] > WIDTH - 10
    assert drawn(MIXED)[1] > WIDTH - 10


def test_a_mixed_sentence_ends_at_the_left(qapp):
    """Its mark is the leftmost ink: without it the line is shorter there, at the same right edge."""
    whole, without = drawn(MIXED), drawn(MIXED.rstrip("!"))
    assert whole[0] < without[0]
    assert abs(whole[1] - without[1]) <= 1


@pytest.mark.parametrize(("text", "right"), [(ENGLISH, False), (HEBREW, True), (MIXED, True)])
def test_lines_labels_and_lists_lie_at_their_side(qapp, text, right):
    option = text_option(text)
    assert (option.alignment() == Qt.AlignmentFlag.AlignRight) == right
    assert option.textDirection() == direction_of(text)
    layout = _broken(Cell((Span(text),)), WIDTH)
    assert layout is not None
    line = layout.lineAt(0)
    assert (line.naturalTextRect().right() > WIDTH - 20) == right
    elided, plain = ElidedLabel(), label(text)
    elided.setText(text)
    plain.setText(text)
    model = QStandardItemModel()
    model.appendRow(QStandardItem(text))
    table = QTableView()
    table.setModel(model)
    table.setItemDelegate(ReadingDelegate(table))
    table.horizontalHeader().setStretchLastSection(True)
    for widget in (elided, plain):
        widget.resize(WIDTH, 40)
        first, last = ink(widget.grab().toImage())
        assert (last > WIDTH - 20, first < 20) == (right, not right), widget
    assert table.itemDelegate().metaObject().className() == "ReadingDelegate"


def test_a_long_text_is_cut_at_its_end(qapp):
    """The first words stay at the right edge, and the dots stand at the left."""
    shown = ElidedLabel()
    shown.setText("הילד קרא את הספר " * 20)
    shown.resize(200, 30)
    cut = shown.fontMetrics().elidedText(shown.text(), Qt.TextElideMode.ElideRight, 200)
    assert cut.startswith("הילד קרא")
    assert cut.endswith("…")
    first, last = ink(shown.grab().toImage())
    assert first < 15
    assert last > 185
