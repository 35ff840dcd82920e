"""Chromium of the system, driven through the pipe of its DevTools protocol, which needs no library."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE = 60.0
"""Seconds that anything may take before a test fails."""


class Browser:
    """A browser with one page and a profile of its own, which keeps what pages store."""

    def __init__(self, profile: Path, downloads: Path, dark: bool = False) -> None:
        assert CHROMIUM is not None
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        arguments = [
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--remote-debugging-pipe",
            f"--user-data-dir={profile}",
            "--window-size=1440,900",
            "about:blank",
        ]
        # The protocol is on descriptors 3 and 4, wherever the pipes came to lie.
        start = f'exec "$@" 3<&{to_browser} 4>&{from_browser}'
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", start, "browser", *arguments],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._number = 0
        self._closed = False
        self._rest = b""
        self._session: str | None = None
        self.told: list[dict[str, Any]] = []
        targets = self.ask("Target.getTargets")["targetInfos"]
        target = next(each["targetId"] for each in targets if each["type"] == "page")
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.ask(f"{domain}.enable")
        self.ask("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(downloads))
        if dark:
            self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol, and its answer."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None and not method.startswith(("Target.", "Browser.")):
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for answer in self._messages(until):
                if answer.get("id") == self._number:
                    assert "error" not in answer, answer
                    return answer["result"]
                self.told.append(answer)
        raise TimeoutError(method)

    def _messages(self, until: float) -> list[dict[str, Any]]:
        if not select.select([self._read], [], [], max(0.0, until - time.monotonic()))[0]:
            return []
        got = os.read(self._read, 1 << 20)
        assert got, "the browser has ended"
        *whole, self._rest = (self._rest + got).split(b"\0")
        return [json.loads(each) for each in whole]

    def open(self, page: Path) -> None:
        """Open a file and wait until its script has run."""
        self.ask("Page.navigate", url=page.as_uri())
        self.wait("document.readyState === 'complete' && document.querySelector('main').childElementCount > 0")

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        done = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")

    def wait(self, script: str) -> None:
        """Until an expression is true."""
        until = time.monotonic() + PATIENCE
        while not self.run(script):
            assert time.monotonic() < until, script
            time.sleep(0.02)

    def press(self, key: str, modifiers: int = 0) -> None:
        """A key, as the keyboard gives it."""
        known = {
            "Enter": 13,
            "Backspace": 8,
            "ArrowLeft": 37,
            "ArrowUp": 38,
            "ArrowRight": 39,
            "ArrowDown": 40,
            "Tab": 9,
        }
        code = known.get(key, ord(key.upper()[0]))
        common = {"key": key, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        text = {"text": "\r" if key == "Enter" else key} if len(key) == 1 or key == "Enter" else {}
        self.ask("Input.dispatchKeyEvent", type="keyDown", **common, **text)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **common)

    def picture(self, path: Path) -> None:
        """Save what is seen as PNG."""
        path.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"]))

    def close(self) -> None:
        """End the browser as a person does, so that it writes what pages have stored."""
        if self._closed:
            return
        self._closed = True
        with suppress(AssertionError, TimeoutError, OSError):
            self.ask("Browser.close")
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._write)
        os.close(self._read)
