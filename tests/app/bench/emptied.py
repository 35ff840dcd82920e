"""What every tab that follows the clicked sentence does with an emptied field."""

from __future__ import annotations

from app.bench.neighbours.neighbours import Neighbours
from app.bench.traverse.traverse import Traverse
from app.core.picks import NOTHING
from app.run.context import Context
from app.widgets.pick_field import PickField


def stays_empty_until_a_sentence_is_clicked(context: Context, tab: Neighbours | Traverse) -> None:
    """Whoever empties the field is about to type; what is shown beneath is of nothing, as the field."""
    assert context.atlas is not None
    sentences = context.atlas.cache.sentences(slice(0, 10))
    context.state.selection_text, context.state.selection = sentences[5], 5
    tab.refresh.show(True)
    tab.refresh.flush()
    field = tab.view.findChildren(PickField)[0]
    assert field.text() == sentences[5]
    field._clear.trigger()
    tab.refresh.flush()
    assert (field.text(), tab.subject.state.pick, tab.subject.state.following) == ("", NOTHING, True)
    context.state.selection_text, context.state.selection = sentences[6], 6
    tab.refresh.flush()
    assert field.text() == sentences[6]
    field._clear.trigger()
    tab.subject.follow(True)
    tab.refresh.flush()
    assert field.text() == sentences[6]
