"""What every feature is given of the open run: the state, its atlas, and the ways to ask its models and its cache."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.core.history import History
from app.core.requester import Requester
from app.core.requests import Place
from app.core.settings import AppSettings
from app.core.state import ExplorerState
from app.run.atlas import Atlas
from engine.workspace import CHECKOUT, Workspace


@dataclass
class Context:
    """What every controller is given. `archive` asks the worker that owns the opened cache, as `models` the models'.

    `settings` is what the window remembers between starts, if it remembers anything; `history` what can be undone.
    """

    state: ExplorerState
    models: Requester
    atlas: Atlas | None = None
    archive: Requester = field(default_factory=Requester)
    workspace: Workspace = field(default_factory=lambda: Workspace(CHECKOUT))
    settings: AppSettings | None = None
    history: History = field(default_factory=History)

    @property
    def chosen_map(self) -> str:
        """The map of the open run that a person chose last, in this window or before; "" for none."""
        return self.settings.chosen_map(self.workspace.root, self.state.run) if self.settings is not None else ""

    def choose_map(self, name: str) -> None:
        """Remember that a person chose a map of the open run, or with "" that it is to be the usual one again."""
        if self.settings is not None:
            self.settings.choose_map(self.workspace.root, self.state.run, name)

    @property
    def place(self) -> Place | None:
        """What finds the places of points on the maps, if there are maps."""
        return self.atlas.place if self.atlas is not None else None
