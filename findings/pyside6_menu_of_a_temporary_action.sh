#!/usr/bin/env bash
# PySide6 6.11.0: asking an action of a menu for its submenu can destroy the submenu.
#
# Behaviour: `menu.actions()[0].menu()`, where nothing else holds the action, returns the submenu that
# `menu.addMenu(...)` made, and that submenu is gone in C++ once the action's wrapper is, while the menu that owns it
# lives on; every later use raises RuntimeError ("Internal C++ object ... already deleted"). It stays where the action
# is held in a variable. 6.11.3 keeps it in both cases.
# Seen on Linux with Python 3.11.7:  "6.11.0: action held True, action not held False"
#                                    "6.11.3: action held True, action not held True"
#
# Needs python3.11, pip and what Qt needs to start without a display. Ends with 0 if it is still so, with 1 if it has
# changed.
set -euo pipefail

python=${PYTHON:-python3.11}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cat > "$place/ask.py" <<'PYTHON'
import gc

import shiboken6
from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QApplication, QMenu

application = QApplication(["ask", "-platform", "offscreen"])


def survives(hold):
    menu = QMenu()
    submenu = menu.addMenu("More")
    held = menu.actions()[0] if hold else None
    (held or menu.actions()[0]).menu()
    gc.collect()
    return shiboken6.isValid(submenu)


print(f"{qVersion()}: action held {survives(True)}, action not held {survives(False)}")
PYTHON

told=""
for version in 6.11.0 6.11.3; do
    "$python" -m venv "$place/$version"
    "$place/$version/bin/python" -m pip install --quiet --disable-pip-version-check \
        "PySide6-Essentials==$version" "shiboken6==$version"
    told+=$("$place/$version/bin/python" "$place/ask.py")$'\n'
done
printf '%s' "$told"
expected=$'6.11.0: action held True, action not held False\n6.11.3: action held True, action not held True\n'
[ "$told" = "$expected" ]
