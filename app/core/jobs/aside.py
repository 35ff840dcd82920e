"""A moment's work beside the window's thread."""

from __future__ import annotations

import threading
from collections.abc import Callable


def aside(action: Callable[[], None]) -> threading.Thread:
    """Do something short that nobody waits for in a thread of its own, which ends with it."""
    thread = threading.Thread(target=action, name="aside", daemon=True)
    thread.start()
    return thread
