"""What every feature is given of the open run: the state, its atlas, and the ways to ask its models and its cache."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.core.model_desk import ModelDesk
from app.core.requests import Place
from app.core.state import ExplorerState
from app.run.atlas import Atlas
from engine.workspace import CHECKOUT, Workspace


@dataclass
class Context:
    """What every controller is given. `archive` asks the worker that owns the opened cache, as `desk` the models'."""

    state: ExplorerState
    desk: ModelDesk
    atlas: Atlas | None = None
    archive: ModelDesk = field(default_factory=ModelDesk)
    workspace: Workspace = field(default_factory=lambda: Workspace(CHECKOUT))

    @property
    def place(self) -> Place | None:
        """What finds the places of points on the maps, if there are maps."""
        return self.atlas.place if self.atlas is not None else None
