#!/usr/bin/env bash
# torch 2.13.0 with MKL: two threads that make the process's first vector call together may round differently.
#
# Behaviour: MKL finds out at the first call of one of its vector functions (exp, log, sqrt; torch calls them for float32
# on the CPU) which instructions the processor has, and nothing guards that. Of two threads that make this call at the
# same moment now and then one computes with other instructions than all calls after it: the same input, other last
# bits. After one call that was made alone it never happens. So trainings of several models in threads of one process do
# not repeat bit for bit, now and then, until something has called MKL before.
# Seen with Python 3.11.7 and torch 2.13.0 (its CPU build for Linux on x86-64):
#   first call by two threads: other bits in 1 of 3,000 starts, and by eight threads in 1 of 4,000
#   after a call that was made alone: in 0 of 3,000
#
# Needs Linux, Python 3.11 or newer and pip. Ends with 0 if it is still so, with 1 if it has changed.
set -euo pipefail

python=${PYTHON:-python3}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$python" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6

cat > "$place/first_call.py" <<'PYTHON'
import os
import platform
import sys
import threading

import torch

STARTS, MOST = 3000, 40_000
torch.set_num_threads(1)
INPUT = torch.linspace(-3.0, 3.0, 997)


def differs() -> bool:
    """In a process of its own, which is as far as this one: whether two threads at once have other bits than later."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] != 0
    together, found = threading.Barrier(2), [None, None]

    def call(at):
        together.wait()
        found[at] = INPUT.exp()

    threads = [threading.Thread(target=call, args=(at,)) for at in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    later = INPUT.exp()
    os._exit(not all(torch.equal(each, later) for each in found))


tried = next((number for number in range(1, MOST + 1) if differs()), 0)
torch.ones(1).exp()
after = sum(differs() for _ in range(STARTS))
print(f"Python {platform.python_version()}, torch {torch.__version__}")
print(f"first call by two threads together: other bits {f'at start {tried:,}' if tried else f'in none of {MOST:,} starts'}")
print(f"after a call that was made alone: in {after} of {STARTS:,}")
sys.exit(not (tried and after == 0))
PYTHON
"$place/venv/bin/python" "$place/first_call.py"
