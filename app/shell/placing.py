"""Where the window opens when nothing is remembered: within what task bars leave of the screen.

What is remembered Qt fits to the screens that are there.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize

USUAL = QSize(1440, 900)
"""Logical pixels of the window where the screen has room for it."""
FRAME = QSize(10, 42)
"""What a frame and a title take at most, as long as the system has not said so."""


def opened(screen: QRect, frame: QSize = FRAME) -> QRect:
    """The window without its frame: the usual size, or all that the screen has room for.

    Args:
        screen: what is free of the screen, without task bars.
        frame: what the frame takes around the window; its title is at the top.
    """
    size = USUAL.boundedTo(screen.size() - frame)
    left = screen.left() + (screen.width() - size.width()) // 2
    top = screen.top() + (screen.height() - frame.height() - size.height()) // 2 + frame.height() - frame.width() // 2
    return QRect(left, top, size.width(), size.height())
