"""Every benchmark, one after the other: `make bench`. Or only some: `python -m tests.benchmarks MODULE ...`.

Each runs in a process of its own, so that none leaves the next its threads, windows or settings. One that fails shows
its error, the others go on, and the exit code says at the end that not everything was measured.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.apart import ENVIRONMENT


def benchmarks() -> list[str]:
    """The modules of all benchmarks there are."""
    return sorted(f"{__package__}.{path.stem}" for path in Path(__file__).parent.glob("bench_*.py"))


def main(modules: Sequence[str]) -> str | None:
    """Run these; what went wrong in words, if anything did."""
    failed = []
    for module in modules:
        print(f"\n{module.rsplit('.', 1)[-1]}", flush=True)
        if subprocess.run([sys.executable, "-m", module], env=ENVIRONMENT).returncode:
            failed.append(module)
    return f"\nFailed, see above: {', '.join(failed)}" if failed else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or benchmarks()))
