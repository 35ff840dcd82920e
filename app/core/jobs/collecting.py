"""The garbage collector leaves out what is imported behind the window.

A round looks at every object that may be part of a circle; of torch, numba and what the window is made of there are
560,000, which takes a fifth of a second, in whichever thread it begins, while all others wait. Modules live as long as
the program, so they need not be looked at.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_within = 0


@contextmanager
def left_out_of_rounds() -> Iterator[None]:
    """Hold the collector's rounds while modules are imported, in any threads, and leave these out of them for good.

    Whatever else is there at the end is left out too, and is never collected: this is for what is done once.
    """
    global _within
    with _lock:
        _within += 1
        gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        with _lock:
            _within -= 1
            if not _within:
                gc.enable()
