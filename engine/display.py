"""Whether a window can be shown, found out before Qt is asked: Qt ends the process where it cannot."""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

_TIMEOUT = 2.0


def display_problem(environment: Mapping[str, str] = os.environ) -> str | None:
    """Why no window can be shown, in words; None if one can.

    Windows and macOS always have a desktop. Elsewhere a Wayland socket or an X server must answer, unless
    QT_QPA_PLATFORM names a platform that needs neither.
    """
    if sys.platform in ("win32", "darwin"):
        return None
    platform = environment.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if platform and platform not in ("xcb", "wayland", "wayland-egl"):
        return None
    wayland, display = environment.get("WAYLAND_DISPLAY", ""), environment.get("DISPLAY", "")
    if wayland and (Path(environment.get("XDG_RUNTIME_DIR", "/")) / wayland).exists():
        return None
    if not display:
        return "neither DISPLAY nor WAYLAND_DISPLAY is set" if not wayland else f"no Wayland socket {wayland}"
    return None if _answers(display) else f"no X server answers at DISPLAY={display}"


def _answers(display: str) -> bool:
    match = re.fullmatch(r"(?:(?P<host>[^:/]*)(?:/unix)?)?:(?P<number>\d+)(?:\.\d+)?", display)
    if not match:
        return Path(display.rsplit(":", 1)[0]).exists()  # a socket's path, as XQuartz sets it
    number = int(match["number"])
    host = match["host"] or ""
    if host in ("", "unix"):
        name = f"/tmp/.X11-unix/X{number}"
        return any(_connects(socket.AF_UNIX, address) for address in (name, f"\0{name}"))
    return _connects(socket.AF_INET, (host, 6000 + number))


def _connects(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(_TIMEOUT)
        try:
            probe.connect(address)
        except OSError:
            return False
        return True
