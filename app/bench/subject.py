"""What a tab works on: a typed sentence, one that was sent here, or the sentence that is clicked in the maps.

It follows the maps until a person types or sends something; from then on it stays until it is told to follow again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray
from psygnal import SignalGroupDescriptor
from PySide6.QtCore import QObject, Signal

from app.core.choice import Choice
from app.core.picks import NOTHING as NOTHING
from app.core.picks import Pick
from app.core.requests import Failure, TypedWords, point_of
from app.core.state import ExplorerState
from engine.errors import LoomError

if TYPE_CHECKING:
    from engine.session import Session


@dataclass
class SubjectState:
    """The sentence or points, and whether they are the clicked sentence."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    pick: Pick = NOTHING
    following: bool = True


class Subject(QObject):
    """Keeps `state` true.

    Signals:
        changed: there is another subject, or none any more.
    """

    changed = Signal()

    def __init__(self, explorer: ExplorerState) -> None:
        super().__init__()
        self._explorer = explorer
        self.state = SubjectState()
        explorer.events.selection.connect(self._clicked, check_nargs=False, max_args=0)
        self._clicked()

    def take(self, pick: Pick) -> None:
        """Something was typed or sent here. An emptied field stays empty until a sentence is clicked."""
        self.state.following = pick == NOTHING
        self._set(pick)

    def follow(self, on: bool) -> None:
        """Whether the subject is the clicked sentence of the maps; without, what there is stays."""
        self.state.following = on
        self._clicked()

    def want(self, pick: Pick, following: bool) -> None:
        """Have this again: what was given here, the clicked sentence, or none after the field was emptied."""
        self.state.following = following
        if following and pick != NOTHING:
            self._clicked()
        else:
            self._set(pick)

    def forget(self) -> None:
        """Another run is opened; its maps are followed."""
        self.state.following = True
        self._set(NOTHING)

    def _clicked(self) -> None:
        state = self._explorer
        if self.state.following:
            self._set(Pick(state.selection_text, index=state.selection) if state.selection >= 0 else NOTHING)

    def _set(self, pick: Pick) -> None:
        if pick != self.state.pick:
            self.state.pick = pick
            self.changed.emit()


@dataclass(frozen=True, slots=True)
class Placed:
    """Where one variant has the subject: z (latent,), and how it was made.

    `logvar` (latent,) is that of q(z|x) where z is its mean; a draw or a sent point is a bare z and has none.
    """

    variant: str
    z: NDArray[np.float32]
    how: str
    logvar: NDArray[np.float32] | None = None


def place(
    session: Session, pick: Pick, variants: Sequence[str], choice: Choice
) -> Iterator[TypedWords | Placed | Failure]:
    """The subject's point in the space of each variant.

    Raises:
        LoomError: the text holds no words, or too many.
    """
    if not pick.is_point:
        typed = session.typed(pick.text)
        yield TypedWords(typed.words, typed.unknown)
    for variant in variants:
        try:
            yield _sent(session, pick, variant) if pick.is_point else _encoded(session, pick.text, variant, choice)
        except LoomError as error:
            yield Failure(variant, error.message)


def _encoded(session: Session, text: str, variant: str, choice: Choice) -> Placed:
    latent = session.encode(text, [variant], sample=choice.sample, seed=choice.seed)[variant]
    return Placed(variant, latent.z, choice.source, None if choice.sample else latent.logvar)


def _sent(session: Session, pick: Pick, variant: str) -> Placed:
    z = point_of(session, pick, variant)
    return Placed(variant, z, f"z sent here ({pick.how})" if pick.how else "z sent here")
