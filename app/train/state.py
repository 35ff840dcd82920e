"""What the Train page shows: one observable state, beside that of the maps. Written by controllers, on the GUI thread.

What is read from a run's folder comes as one frozen `Watched`. The form has a state of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from psygnal import SignalGroupDescriptor

from app.core.values import Stage
from app.core.wish import Wish
from app.train.files import Watched
from app.train.plots.curves import Split
from app.train.plots.panels import ShareOf

Face = Literal["follow", "form", "text"]
OwnKind = Literal["none", "starting", "running", "pausing", "paused", "stopping", "stopped", "failed", "done"]


@dataclass(frozen=True, slots=True)
class Own:
    """The process that this window started (or took up again). `text` and `hint` say what it tells of itself."""

    kind: OwnKind = "none"
    text: str = ""
    hint: str = ""

    @property
    def alive(self) -> bool:
        """Whether there is a process."""
        return self.kind in ("starting", "running", "pausing", "stopping")


@dataclass(frozen=True, slots=True)
class TrainWish(Wish):
    """The folder that is followed ("" for none), what is read of it, and the process that this window has paused last.

    `paused` is the folder of its run and its number, which are in `process.json` as long as nobody took the run up.
    `compared` are runs laid over the curves, `split` the heights of the parts of the page, () for the usual ones.
    """

    folder: str = ""
    read_from: Split = "test"
    share_of: ShareOf = "objective"
    probe_step: int | None = None
    kept_step: int | None = None
    paused: tuple[str, int] = ("", 0)
    compared: tuple[str, ...] = ()
    split: tuple[int, ...] = ()


@dataclass
class TrainingState:
    """What the Train page shows of the training that is followed."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    face: Face = "follow"
    stage: Stage = field(default_factory=Stage)
    """Of the folder that is followed: none, loading, failed or ready."""

    watched: Watched | None = None
    own: Own = Own()
    waited: int = 0
    """Seconds since the training of this window was started, while nothing of it is logged."""

    hover: int | None = None
    """The step under the pointer, or None: the newest."""

    read_from: Split = "test"
    """Whose values the table beside the plots has: the training batches' or the test text's."""

    share_of: ShareOf = "objective"
    probe_step: int | None = None
    """The evaluation whose sentences are shown, or None: the newest."""

    kept_step: int | None = None
    """The checkpoint that is chosen, or None: the newest."""

    compared: tuple[str, ...] = ()
    """Other runs that are laid over the curves, by name."""

    others: Mapping[str, Watched] = field(default_factory=dict)
    """What is known of these, by name, as far as it was read."""
