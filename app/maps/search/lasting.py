"""What the next start brings back of the maps: all that is wanted of them, but no search that was refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.maps.state import MapsWish

if TYPE_CHECKING:
    from app.maps.controller import MapsController


class LastingMaps:
    """The maps for the session. Undo has their controller, as a search that was refused can be gone back to."""

    def __init__(self, controller: MapsController) -> None:
        self._controller = controller

    def wish(self) -> MapsWish:
        """How the maps are looked at."""
        wish = self._controller.wish()
        return replace(wish, search="") if self._controller.refused else wish

    def want(self, wish: MapsWish) -> None:
        """Look at them this way."""
        self._controller.want(wish)
