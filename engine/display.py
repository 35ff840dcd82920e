"""Whether a window can be shown, found out before Qt is asked: Qt ends the process where it cannot."""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

_TIMEOUT = 2.0
X_LIBRARIES = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""What Qt needs on an X server beyond what it needs anyway, and the packages of Debian and Ubuntu that have it."""


def display_problem(environment: Mapping[str, str] = os.environ) -> str | None:
    """Why no window can be shown, in words; None if one can.

    Windows and macOS always have a desktop. Elsewhere a Wayland socket or an X server must answer: the one that
    QT_QPA_PLATFORM asks for, or either where it asks for none; or it names a platform that needs neither.
    """
    if sys.platform in ("win32", "darwin"):
        return None
    asked = [each.split(":")[0] for each in environment.get("QT_QPA_PLATFORM", "").split(";") if each]
    if any(each != "xcb" and not each.startswith("wayland") for each in asked):
        return None
    problems = [_no_x(environment) if each == "xcb" else _no_wayland(environment) for each in asked]
    if not asked:
        problems = [_no_wayland(environment), _no_x(environment)]
    if None in problems:
        return None
    if not asked and not environment.get("DISPLAY"):
        wayland = environment.get("WAYLAND_DISPLAY")
        return _no_wayland(environment) if wayland else "neither DISPLAY nor WAYLAND_DISPLAY is set"
    why = problems[-1]
    return f"QT_QPA_PLATFORM={environment['QT_QPA_PLATFORM']}, and {why}" if asked else why


def missing_for_x(
    environment: Mapping[str, str] = os.environ, load: Callable[[str], object] | None = None
) -> list[str]:
    """The libraries that Qt lacks to show a window on the X server; none where it will not use one.

    Qt ends the process then, and names one library, whichever is missing.

    Args:
        environment: as `display_problem`.
        load: raises an OSError where a library is missing; `ctypes.CDLL` if not given.
    """
    if not sys.platform.startswith("linux"):
        return []
    asked = [each.split(":")[0] for each in environment.get("QT_QPA_PLATFORM", "").split(";") if each]
    if (asked and asked[0] != "xcb") or (not asked and _no_wayland(environment) is None):
        return []
    if load is None:
        import ctypes  # most do without

        load = ctypes.CDLL
    missing = []
    for name in X_LIBRARIES:
        try:
            load(name)
        except OSError:
            missing.append(name)
    return missing


def _no_wayland(environment: Mapping[str, str]) -> str | None:
    """Why no Wayland compositor can be reached. It listens at wayland-0 where no name is given."""
    name = environment.get("WAYLAND_DISPLAY") or "wayland-0"
    folder = environment.get("XDG_RUNTIME_DIR", "")
    place = Path(name) if Path(name).is_absolute() else Path(folder or "/") / name
    return None if place.exists() else f"no Wayland socket {name}"


def _no_x(environment: Mapping[str, str]) -> str | None:
    """Why no X server can be reached."""
    display = environment.get("DISPLAY", "")
    if not display:
        return "DISPLAY is not set"
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
