"""What the Arithmetic tab shows, and what it tells of what a person does."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout

from app.bench.arithmetic.concept_editor import GroupEditor
from app.bench.arithmetic.state import Evidence, Group, Interval, Member, Outcome
from app.bench.arithmetic.strength_slider import StrengthSlider
from app.bench.arithmetic.view import ArithmeticView
from app.core import theme
from app.core.picks import Origin, Pick
from app.core.values import Reading
from app.widgets.pick_drag import mime_of
from app.widgets.send_menu import SendingArea
from tests.app.fakes import COLUMNS

CLEAR = Evidence(
    Interval(0.93, 0.9, 0.95), Interval(2.0, 1.8, 2.3), Interval(0.4, 0.0, 0.6), "stands out", "It is 5 times.", "n = 9"
)
CHANCE = Evidence(
    Interval(0.48, 0.4, 0.56), Interval(0.4, 0.3, 0.9), Interval(0.4, 0.0, 0.6), "chance", "No more.", "n = 9"
)


POINT = Pick("a − b + c", {"vae": (0.5,), "autogen-m1": (1.0,)}, "all")


@pytest.fixture
def tab(qtbot) -> ArithmeticView:
    theme.apply(QApplication.instance(), "dark")
    made = ArithmeticView()
    qtbot.addWidget(made)
    made.resize(1000, 400)
    made.set_columns(COLUMNS)
    made.show()
    qtbot.waitExposed(made)
    return made


def reading(text: str, **more: object) -> Reading:
    return Reading(tuple(text.lower().split()), text, -3.0, how="a − b + c, z = μ, beam 3", **more)


def test_both_sentences_stand_in_their_column_with_the_changes_marked(tab):
    before = {"vae": reading("it is late"), "autogen-m1": reading("it is late")}
    after = {"vae": reading("it was late"), "autogen-m1": reading("it is late")}
    tab.show_outcome(Outcome(before, after, unknown=("zebra",), source="all", search="of it"), "a", {}, "none", POINT)
    assert tab.outcome.before("vae") == "a:  it is late"
    marked, same = (tab.outcome.cards.card(name).sentence.text() for name in ("vae", "autogen-m1"))
    assert "underline" in marked
    assert "was" in marked
    assert "underline" not in same
    assert "zebra" in tab.warning.text()
    assert tab.how.text() == "all, of it"
    assert tab.outcome.cards.card("vae").send.picks == (Pick("it was late"), POINT)
    assert tab.add.isEnabled()


def test_a_variant_that_failed_says_why_in_its_own_column_and_the_other_goes_on(tab):
    outcome = Outcome({}, {"autogen-m1": reading("it is late")}, {"vae": "the point is too far out"}, busy=True)
    tab.show_outcome(outcome, "a", {}, "nothing yet")
    assert "the point is too far out" in tab.outcome.cards.card("vae").sentence.text()
    assert "late" in tab.outcome.cards.card("autogen-m1").sentence.text()
    assert not tab.add.isEnabled()
    tab.show_outcome(Outcome(busy=True), "a", {"vae": "its checkpoint is cut off"}, "nothing yet")
    assert "its checkpoint is cut off" in tab.outcome.cards.card("vae").sentence.text()
    assert "…" in tab.outcome.cards.card("autogen-m1").sentence.text()
    tab.show_outcome(Outcome(), "a", {}, "nothing yet")
    assert "nothing yet" in tab.outcome.cards.card("vae").sentence.text()


def test_the_faces_have_their_own_controls(tab):
    tab.show_face("analogy")
    assert tab.fields["a"].isVisible()
    assert not tab.groups.isVisible()
    assert not tab.evidence.isVisible()
    tab.show_face("concept")
    assert not tab.fields["a"].isVisible()
    assert tab.fields["subject"].isVisible()
    assert tab.groups.isVisible()
    assert [name for name, slider in tab.sliders.items() if slider.isVisible()] == ["concept"]


def test_evidence_is_a_verdict_in_words_with_its_numbers_beside_chance(tab):
    tab.show_face("concept")
    tab.evidence.show_evidence({"vae": CLEAR, "autogen-m1": CHANCE}, {}, False)
    clear, chance = (tab.evidence.cells[name] for name in ("vae", "autogen-m1"))
    assert "means something" in clear.verdict.text()
    assert clear.verdict.property("role") == "good"
    assert "No more than chance" in chance.verdict.text()
    assert chance.verdict.property("role") == "muted"
    assert [fact.value for fact in clear.bars.facts] == ["93%", "5.0 × chance"]
    assert "0.900 to 0.950" in clear.bars.toolTip()
    assert "It is 5 times." in clear.verdict.toolTip()
    image = clear.bars.grab().toImage()
    tab.evidence.show_evidence({"vae": CHANCE}, {"autogen-m1": "there are no latents"}, True)
    assert clear.bars.grab().toImage() != image
    assert chance.verdict.text() == "there are no latents"
    assert not chance.bars.isVisible()
    tab.evidence.show_evidence({}, {}, True)
    assert "Weighing" in clear.verdict.text()


def test_a_group_counts_its_sentences_and_lets_them_go(tab, qtbot):
    editor = tab.groups.editors["with"]
    told = []
    tab.groups.removed.connect(lambda *what: told.append(what))
    members = tuple(Member(Pick(text)) for text in ("I love you.", "It is late."))
    tab.show_face("concept")
    tab.groups.show_groups({"with": Group(members, "cat", 2081), "without": Group()}, clickable=True)
    assert editor.count.text() == "2 sentences"
    assert editor.all.text() == "Add all 2,081"
    assert editor.field.text() == "cat"
    assert not tab.groups.editors["without"].all.isEnabled()
    editor.open_list()
    assert [editor.list.list.item(i).text() for i in range(2)] == ["I love you.", "It is late."]
    editor.list.list.setCurrentRow(1)
    qtbot.keyClick(editor.list, Qt.Key.Key_Delete)
    assert told == [("with", 1)]
    editor.list.close()
    tab.groups.show_groups({"with": Group((), "cat", 0), "without": Group()}, clickable=False)
    assert not editor.all.isEnabled()
    assert not editor.clicked.isEnabled()


def test_the_tab_fits_a_small_window_whatever_it_holds(tab):
    many = tuple(Member(Pick(f"Sentence {i}.")) for i in range(500))
    for face in ("analogy", "concept"):
        tab.show_face(face)
        tab.groups.show_groups({name: Group(many, "word " * 50, 6_543_210) for name in ("with", "without")}, True)
        assert tab.minimumSizeHint().width() <= 1100
    assert tab.groups.editors["with"].all.text() == "Add all 6,543 k"


def test_what_a_person_does_with_a_group_is_told_with_its_name(tab, qtbot):
    told = []
    for name in ("typed", "line_added", "all_added", "clicked_wanted", "dropped"):
        getattr(tab.groups, name).connect(lambda *what, name=name: told.append((name, *what)))
    editor = tab.groups.editors["without"]
    tab.show_face("concept")
    qtbot.keyClicks(editor.field, "hi")
    tab.groups.show_groups({"with": Group(), "without": Group(text="hi", matches=3)}, clickable=True)
    qtbot.keyClick(editor.field, Qt.Key.Key_Return)
    editor.all.click()
    editor.clicked.click()
    pick = Pick("I love you.", index=0)
    drop(editor, mime_of(pick))
    assert told == [
        ("typed", "without", "h"),
        ("typed", "without", "hi"),
        ("line_added", "without"),
        ("all_added", "without"),
        ("clicked_wanted", "without"),
        ("dropped", "without", pick),
    ]


def test_a_numbered_sentence_of_another_run_joins_a_group_as_a_text(qtbot):
    """It was under the hand while another run was opened; its number is that of another sentence there."""
    area, view, told = SendingArea(), ArithmeticView(), []
    qtbot.addWidget(area)
    QVBoxLayout(area).addWidget(view)
    area.set_origin(lambda: Origin("novel"))
    view.groups.dropped.connect(lambda name, pick: told.append(pick))
    for run in ("demo", "novel"):
        drop(view.groups.editors["with"], mime_of(Pick("We go home.", index=5855).of(Origin(run))))
    assert told == [Pick("We go home."), Pick("We go home.", index=5855)]


def drop(editor: GroupEditor, data: QMimeData) -> None:
    """Let a drag go over the field of a group."""
    actions, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(editor.field, QDragEnterEvent(QPoint(5, 5), actions, data, left, none))
    QApplication.sendEvent(editor.field, QDropEvent(QPointF(5, 5), actions, data, left, none))


def test_a_strength_can_be_slid_and_typed_and_showing_one_tells_nothing(qtbot):
    slider = StrengthSlider("strength", -3.0, 3.0, "how strongly")
    qtbot.addWidget(slider)
    told = []
    slider.changed.connect(told.append)
    slider.set_value(1.0)
    assert (slider.value, slider.slider.value(), told) == (1.0, 20, [])
    slider.slider.setValue(21)
    slider.number.setValue(-2.5)
    assert told == [1.05, -2.5]
    assert slider.slider.value() == -50
    slider.set_value(1.23)
    assert slider.value == 1.23
    assert len(told) == 2
