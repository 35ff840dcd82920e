"""What the window as a whole shows of the state: its title, its pages, the welcome."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.core.refresh import Refresh
from app.core.state import ExplorerState
from app.shell.main_window import MainWindow


class Renderer(QObject):
    """Calls the setters of the window; the features show theirs themselves."""

    def __init__(self, state: ExplorerState, window: MainWindow) -> None:
        super().__init__()
        self._state, self._window = state, window
        renders = {
            self._title: ("run", "step", "shown_step", "newest_step", "page"),
            self._page: ("page",),
            self._welcome: ("maps",),
        }
        self.refresh = Refresh(renders, [state])

    def _title(self) -> None:
        state, window = self._state, self._window
        window.setWindowTitle(f"Latent Loom - {state.subject}" if state.subject else "Latent Loom")
        window.header.set_subject(state.subject if state.page == "Explore" else "")
        window.strip.set_step(state.run, state.step, state.shown_step, state.newest_step)

    def _page(self) -> None:
        self._window.show_page(self._state.page)

    def _welcome(self) -> None:
        stage = self._state.maps
        if stage.kind == "none" and stage.text:
            self._window.set_welcome(stage.text, stage.hint)
        else:
            self._window.set_explorer()
