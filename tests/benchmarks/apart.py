"""Processes of their own: for windows, for the peak of memory, and for the time until something is first seen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import TypeVar

from engine.workspace import CHECKOUT

T = TypeVar("T")

ENVIRONMENT = {
    "QT_QPA_PLATFORM": "offscreen",  # unless the person wants to see the windows
    "OMP_WAIT_POLICY": "PASSIVE",  # as main.py does, before torch is loaded
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},  # as a person's is
}
LIMIT = 1800
"""Seconds after which a process of minutes has hung."""


def apart(function: Callable[..., T], *arguments: object, limit: float = LIMIT) -> T:
    """What a function says in a process of its own; a window, a thread or memory of it is gone afterwards.

    Args:
        function: of a module, found there by its name.
        arguments: what JSON can carry, as must be what the function returns.
        limit: seconds after which it has hung.

    Raises:
        CalledProcessError: the function raised; its error stands on stderr.
        TimeoutExpired: it has hung.
    """
    module = sys.modules[function.__module__].__spec__
    assert module is not None  # a module that was started by `-m` is "__main__" to itself, and is found by its spec
    code = f"import json, sys, {module.name} as module\n"
    code += f"print(json.dumps(module.{function.__name__}(*json.loads(sys.argv[1]))))"
    return json.loads(output(code, json.dumps(arguments), limit=limit).splitlines()[-1])


def output(code: str, *arguments: str, limit: float = LIMIT) -> str:
    """What a Python program prints; raises as `apart`."""
    command = [sys.executable, "-X", "faulthandler", "-c", code, *arguments]  # a crash says where it was
    made = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT, cwd=CHECKOUT, timeout=limit
    )
    return made.stdout
