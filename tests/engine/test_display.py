"""Whether a window can be shown is found out without asking Qt."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from engine.display import X_LIBRARIES, display_problem, missing_for_x

pytestmark = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="always a desktop there")


def test_no_variable_no_display() -> None:
    assert display_problem({}) == "neither DISPLAY nor WAYLAND_DISPLAY is set"


def test_a_chosen_platform_needs_no_display() -> None:
    assert display_problem({"QT_QPA_PLATFORM": "offscreen"}) is None
    assert display_problem({"QT_QPA_PLATFORM": "xcb"}) is not None


@pytest.mark.parametrize(
    ("platform", "why"),
    [
        ("wayland", "QT_QPA_PLATFORM=wayland, and no Wayland socket wayland-0"),
        ("wayland-egl", "QT_QPA_PLATFORM=wayland-egl, and no Wayland socket wayland-0"),
        ("wayland;xcb", None),
        ("xcb", None),
        ("", None),
        ("offscreen:enable_fonts", None),
        ("wayland;offscreen", None),
    ],
)
def test_a_chosen_platform_is_the_one_that_must_answer(
    platform: str, why: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Qt ends the process where Wayland is asked for and only X is there."""
    monkeypatch.setattr("engine.display._answers", lambda display: display == ":3")
    environment = {"QT_QPA_PLATFORM": platform, "DISPLAY": ":3", "XDG_RUNTIME_DIR": str(tmp_path)}
    assert display_problem(environment) == why
    (tmp_path / "wayland-0").touch()
    assert display_problem(environment) is None


def test_of_several_platforms_one_must_answer(tmp_path: Path) -> None:
    environment = {"QT_QPA_PLATFORM": "wayland;xcb", "XDG_RUNTIME_DIR": str(tmp_path)}
    assert display_problem(environment) == "QT_QPA_PLATFORM=wayland;xcb, and DISPLAY is not set"


@pytest.mark.parametrize("display", [":97", "unix:97", "localhost:97.0", ":97.1"])
def test_a_dead_server_is_named(display: str) -> None:
    assert display_problem({"DISPLAY": display}) == f"no X server answers at DISPLAY={display}"


def test_a_server_that_answers_is_a_display() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
        for number in range(60, 99):
            try:
                server.bind(("127.0.0.1", 6000 + number))
                break
            except OSError:
                continue
        server.listen()
        assert display_problem({"DISPLAY": f"127.0.0.1:{number}.0"}) is None


def test_a_wayland_socket_is_a_display(tmp_path: Path) -> None:
    environment = {"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": str(tmp_path)}
    assert display_problem(environment) == "no Wayland socket wayland-0"
    (tmp_path / "wayland-0").touch()
    assert display_problem(environment) is None


def test_what_is_missing_for_an_x_server_is_found_out_before_qt_ends_the_process(tmp_path: Path) -> None:
    def load(name: str) -> None:
        if "xcb-icccm" in name or "xcb-keysyms" in name:
            raise OSError(f"{name}: cannot open shared object file")

    lacking = ["libxcb-icccm.so.4", "libxcb-keysyms.so.1"]
    runtime = {"XDG_RUNTIME_DIR": str(tmp_path), "DISPLAY": ":0"}
    assert missing_for_x(runtime, load) == lacking
    assert missing_for_x({**runtime, "QT_QPA_PLATFORM": "xcb"}, load) == lacking
    assert missing_for_x({**runtime, "QT_QPA_PLATFORM": "offscreen"}, load) == []
    assert missing_for_x({**runtime, "QT_QPA_PLATFORM": "wayland;xcb"}, load) == []
    (tmp_path / "wayland-0").touch()
    assert missing_for_x(runtime, load) == []
    assert set(lacking) <= set(X_LIBRARIES)
