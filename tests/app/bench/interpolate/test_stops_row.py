"""A stop has one name: on its field, in what is told of its sentence, on the maps and in the table."""

from __future__ import annotations

from app.bench.interpolate import way
from app.bench.interpolate.view import InterpolateView
from app.core.picks import NOTHING, Pick


def test_a_stop_is_told_of_by_the_letter_that_stands_beside_its_field(qtbot):
    view = InterpolateView()
    qtbot.addWidget(view)
    view.lengths.set_limits((1, 3))
    stops = (Pick("a"), Pick("one"), NOTHING, Pick("two"), Pick("b"))
    view.show_choices(stops, 10, False, False)
    view.show()
    letters = [stop.name.text() for stop in view.stops._stops if not stop.isHidden()]
    assert letters == ["C", "·", "D"] == [name or "·" for name in way.names(stops)[1:-1]]
    field = view.stops.fields[1]
    qtbot.keyClicks(field, "this is far too long")
    letters = [stop.name.text() for stop in view.stops._stops if not stop.isHidden()]
    assert letters == ["C", "D", "E"]  # at once, as it will be
    assert view.lengths.text().startswith("D has 5 tokens")
    assert field.accessibleName() == "stop D"
