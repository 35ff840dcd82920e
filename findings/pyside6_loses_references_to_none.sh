#!/usr/bin/env bash
# PySide6 6.12.0 on Python 3.11: a method that returns nothing takes one reference of None with every call.
#
# Behaviour: QObject.setObjectName(...) returns None and does not count that reference, as is right from Python 3.12 on,
# where None cannot die. On Python 3.11 sys.getrefcount(None) falls by one a call, until the interpreter ends the
# program (not done here: 50 calls are counted, and the process ends without tidying up).
# Seen with PySide6-Essentials 6.12.0 and Python 3.11.7 on Linux:  "50 calls of Qt: -50 references of None"
# With a plain Python method in its place:                         "50 calls of Python: 0 references of None"
#
# Needs python3.11 and pip. Ends with 0 if it is still so, with 1 if it has changed.
set -euo pipefail

python=${PYTHON:-python3.11}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$python" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check PySide6-Essentials==6.12.0

cat > "$place/count.py" <<'PYTHON'
import os
import sys

from PySide6.QtCore import QObject, qVersion


class Named:
    def set_name(self, name):
        self.name = name


def lost(call, calls=50):
    call("warm")
    before = sys.getrefcount(None)
    for _ in range(calls):
        call("x")
    return sys.getrefcount(None) - before


qt, plain = lost(QObject().setObjectName), lost(Named().set_name)
print(f"Python {sys.version.split()[0]}, PySide6 {qVersion()}")
print(f"50 calls of Qt: {qt} references of None")
print(f"50 calls of Python: {plain} references of None")
sys.stdout.flush()
os._exit(not (qt <= -45 and abs(plain) <= 4))
PYTHON
"$place/venv/bin/python" "$place/count.py"
