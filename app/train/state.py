"""What the Train page shows: one observable state, beside that of the maps. Written by controllers, on the GUI thread.

What is read from a run's folder comes as one frozen `Watched`; the form's document and what is wrong with it as one
frozen `Form`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from psygnal import SignalGroupDescriptor

from app.core.state import Stage
from app.train.curves import Split
from app.train.files import Watched
from engine.training.plan import Plan

Face = Literal["follow", "form"]
ShareOf = Literal["objective", "elbo"]
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
class CorpusChoice:
    """A corpus that a training can take, or could but for its `problem`.

    `vocabulary` is 5, the least there can be, while it is not prepared.
    """

    name: str
    words: str
    vocabulary: int = 5
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """The settings of a training that is to be started.

    Attributes:
        document: what was chosen, as `engine.training.plan` reads it; whatever it does not say is the preset's.
        plan: the newest document without faults, with every value filled in.
        problems: dotted key to message; also "run" and "corpus".
    """

    corpora: tuple[CorpusChoice, ...] = ()
    corpus: str = "demo"
    run: str = ""
    device: str = "auto"
    document: Mapping[str, Any] = field(default_factory=dict)
    plan: Plan | None = None
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def vocabulary(self) -> int:
        """Words of the chosen corpus."""
        return next((each.vocabulary for each in self.corpora if each.name == self.corpus), 5)


@dataclass
class TrainingState:
    """Everything the Train page shows."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    face: Face = "follow"
    stage: Stage = field(default_factory=Stage)
    """Of the folder that is followed: none, loading, failed or ready."""

    watched: Watched | None = None
    own: Own = Own()
    hover: int | None = None
    """The step under the pointer, or None: the newest."""

    read_from: Split = "train"
    """Whose values the table beside the plots has: the training batches' or the test text's."""

    share_of: ShareOf = "objective"
    probe_step: int | None = None
    """The evaluation whose sentences are shown, or None: the newest."""

    kept_step: int | None = None
    """The checkpoint that is chosen, or None: the newest."""

    form: Form = Form()
