"""Keeps None, True and False alive on Python 3.11, where PySide6 6.12 loses references to them.

Its methods that return nothing hand out None without counting that reference, as is right from Python 3.12 on, where
these constants cannot die. On 3.11 every such call takes one of the some 70,000 references that there are, and after
a few hundred clicks the interpreter ends the program: "Fatal Python error: none_dealloc".
"""

from __future__ import annotations

import ctypes
import sys

_SPARE = 1 << (8 * ctypes.sizeof(ctypes.c_ssize_t) - 4)  # more than any session can lose, far from an overflow


def keep() -> None:
    """Give the three constants references to spare; does nothing where they cannot die or are laid out otherwise."""
    plain = object.__basicsize__ == 2 * ctypes.sizeof(ctypes.c_ssize_t)  # the count comes first, then the type
    if sys.implementation.name != "cpython" or sys.version_info >= (3, 12) or not plain:
        return
    for constant in (None, True, False):
        if sys.getrefcount(constant) < _SPARE:
            ctypes.c_ssize_t.from_address(id(constant)).value += _SPARE
