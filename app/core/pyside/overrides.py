"""An error in a method that Qt calls reaches whoever tells it, and does not end the process.

Before Python 3.12 some errors are a type and a text until a handler or a `finally` sees them. PySide6 takes them for
whole ones when they leave an override of a method of Qt, and reads what is not there. So overrides are wrapped here:
what leaves one passes a `finally`, which completes it, and goes on; nothing is caught.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from types import FunctionType
from typing import Any

from shiboken6 import Shiboken

NEEDED = sys.version_info < (3, 12)
"""Whether this Python has errors that are not whole."""


def complete_errors() -> None:
    """Have the overrides of every class that is made of one of Qt's from now on raise whole errors."""
    Shiboken.Object.__init_subclass__ = classmethod(_wrap_overrides)  # type: ignore[assignment]


def _wrap_overrides(made: type, **more: Any) -> None:
    super(Shiboken.Object, made).__init_subclass__(**more)  # type: ignore[misc]  # it is one of its classes
    of_qt = [base for base in made.__mro__[1:] if base.__module__.startswith("PySide6.")]
    for name, method in list(vars(made).items()):
        if name.startswith("__") or not isinstance(method, FunctionType):
            continue
        if any(name in vars(base) for base in of_qt):
            setattr(made, name, _whole(method))


def _whole(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def override(*given: Any, **named: Any) -> Any:
        try:
            return method(*given, **named)
        finally:
            pass  # it has been here, and is whole

    return override
