"""Imports that come after PySide6 do not read the sources of what they import.

PySide6 looks at every module that is imported after it, whosever it is, for its own name in the source, to know where
its optional names in `snake_case` may apply (`from __feature__ import ...`). The sources stay in `linecache`: of torch
and what comes with it 43 million letters, in 130 MB, and their reading takes half a second or more in which no other
thread of Python goes on (`findings/pyside6_reads_every_source.sh`). Nothing here uses such features.
"""

from __future__ import annotations

import sys

import PySide6.QtCore  # noqa: F401  (from now on it looks at what is imported)


def skip_feature_check() -> bool:
    """Have all modules from now on taken for such as do not use features, which is so.

    Returns:
        whether there was a check to be skipped; another version of PySide6 may do it in another way.
    """
    feature = sys.modules.get("shibokensupport.feature")
    if feature is None or not hasattr(feature, "_mod_uses_pyside"):
        return False
    feature._mod_uses_pyside = lambda module: False  # type: ignore[attr-defined]
    return True
