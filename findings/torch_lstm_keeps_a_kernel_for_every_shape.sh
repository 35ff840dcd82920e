#!/usr/bin/env bash
# torch 2.13.0 on a CPU: an LSTM keeps a compiled kernel for every length and batch that it has met.
#
# Behaviour: for inference in float32 torch calls oneDNN, which compiles a kernel for the length and batch of the input and
# keeps it with all that belongs to it, in a cache of 1,024 entries that all layers share. Sentences come in many lengths
# and batches of many sizes, so the memory of a program that reads them grows by some hundred kilobytes with each pair
# that is new, until the cache is full; inputs that are freed give nothing back. Met again, a shape takes nothing more.
# ONEDNN_PRIMITIVE_CACHE_CAPACITY=1, set before torch is imported, keeps one.
# Seen with Python 3.11.7 and torch 2.13.0 (its CPU build for Linux on x86-64), an LSTM of 64 units, one sentence each:
#   cache as it is: 166.9 kB a length, 0.0 kB when met again; cache of one: 0.1 kB
#
# Needs Linux with glibc, Python 3.11 or newer and pip. Ends with 0 if it is still so, with 1 if it has changed.
set -euo pipefail

python=${PYTHON:-python3}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$python" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6

cat > "$place/shapes.py" <<'PYTHON'
import ctypes
import os
import platform
import subprocess
import sys

SHAPES = 200


class Heap(ctypes.Structure):
    """glibc's struct mallinfo2."""

    _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks used free keep".split()]


def grown() -> tuple[float, float]:
    """Kilobytes that a shape leaves in use when it is met first, and when it is met again."""
    import torch

    torch.set_num_threads(1)
    ask = ctypes.CDLL(None).mallinfo2
    ask.restype = Heap

    def held() -> int:
        found = ask()
        return found.used + found.hblkhd

    lstm = torch.nn.LSTM(64, 64, batch_first=True).eval()
    inputs = [torch.zeros(1, length, 64) for length in range(2, SHAPES + 2)]
    with torch.inference_mode():
        lstm(torch.zeros(2, 3, 64))
        before = held()
        for each in inputs:
            lstm(each)
        between = held()
        for each in inputs:
            lstm(each)
        return (between - before) / SHAPES / 1e3, (held() - between) / SHAPES / 1e3


if sys.argv[1:]:
    print(*grown())
    sys.exit()
found = {}
for capacity in ("", "1"):
    environment = {**os.environ, **({"ONEDNN_PRIMITIVE_CACHE_CAPACITY": capacity} if capacity else {})}
    made = subprocess.run([sys.executable, __file__, "grown"], env=environment, capture_output=True, text=True, check=True)
    found[capacity] = tuple(map(float, made.stdout.split()))
    print(f"cache capacity {capacity or 'as it is'}: {found[capacity][0]:.1f} kB a shape, {found[capacity][1]:.1f} kB when met again")
print(f"Python {platform.python_version()}")
sys.exit(not (found[""][0] > 20 and abs(found[""][1]) < 5 and found["1"][0] < 5))
PYTHON
"$place/venv/bin/python" "$place/shapes.py"
