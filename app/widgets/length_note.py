"""Tells, as it is typed, that a sentence is longer or shorter than any that the models were trained on."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QLabel, QSizePolicy

from app.widgets.parts import EDGE
from app.widgets.pick_field import PickField


class LengthNote(QLabel):
    """Stands beneath fields and is out of sight while there is nothing to tell.

    It needs no answer of the models: the text of the fields and the limits of the open run are enough.
    """

    def __init__(
        self, fields: Mapping[str, PickField], named: Callable[[], Mapping[str, PickField]] | None = None
    ) -> None:
        """Look at fields with every key.

        Args:
            fields: by the name that tells one from the others; "" for a single one.
            named: those that are in use, by the names that they have now, where names change.
        """
        super().__init__()
        self._named = named or (lambda: fields)
        self._limits: tuple[int, int] | None = None
        self.setProperty("role", "warning")
        self.setWordWrap(True)
        self.setContentsMargins(EDGE, 0, EDGE, 0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        for field in fields.values():
            field.textChanged.connect(self.look)
        self.hide()

    def set_limits(self, limits: tuple[int, int] | None) -> None:
        """The tokens of the shortest and the longest sentence that the models know; None where there are no models."""
        if limits != self._limits:
            self._limits = limits
            self.look()

    def look(self) -> None:
        """Say what there is to say about the fields that are in use."""
        said = ""
        there = {name: field for name, field in self._named().items() if field.text() and not field.isReadOnly()}
        if self._limits is not None and there:
            from engine.corpus.tokens import cut_typed  # brings a compiled library, which the first paint does without
            from engine.sentences.lengths import length_warning

            used = {name: field for name, field in there.items() if _in_use(field)}
            said = length_warning({name: len(cut_typed(field.text())) for name, field in used.items()}, self._limits)
        self.setText(said)
        self.setVisible(bool(said))


def _in_use(field: PickField) -> bool:
    """Whether the field is shown where it stands, be the tab in view or not."""
    parent = field.parentWidget()
    return not field.isHidden() and (parent is None or parent.isWindow() or not parent.isHidden())
