#!/usr/bin/env bash
# PySide6 6.12.0: once it is imported, the source of every module that is imported later is read and kept.
#
# Behaviour: PySide6 replaces the function behind `import`, and looks in the source text of each new module for its own
# name, to know whether its optional features may apply there. The text stays in `linecache`, split into lines. With a
# library of many modules that is a good part of the time of its import and more memory than the library itself takes.
# Seen with PySide6-Essentials 6.12.0, sympy 1.14.0 and Python 3.11.7 on Linux, of the modules of sympy:
#   "without PySide6: 0 sources kept", "with PySide6: 411 sources of 9 MB kept"; importing torch 2.13.0 it is 1,765
#   sources of 43 MB, 120 MB more in memory, and 3.6-4.5 s instead of 2.4-3.0 s (two cores, other work beside it).
#
# Needs python3.11 and pip. Ends with 0 if it is still so, with 1 if it has changed.
set -euo pipefail

python=${PYTHON:-python3.11}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$python" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check PySide6-Essentials==6.12.0 sympy==1.14.0

cat > "$place/count.py" <<'PYTHON'
import linecache
import sys

if sys.argv[1] == "with":
    import PySide6.QtCore
import sympy

kept = [entry[0] for name, entry in linecache.cache.items() if "sympy" in name and len(entry) > 1]
print(f"{sys.argv[1]} PySide6: {len(kept)} sources of {sum(kept) / 1e6:.0f} MB kept")
sys.exit(0 if (len(kept) > 100) == (sys.argv[1] == "with") else 1)
PYTHON

cd "$place"
for way in without with; do
    "$place/venv/bin/python" count.py $way || { echo "It has changed."; exit 1; }
done
echo "It is still so."
