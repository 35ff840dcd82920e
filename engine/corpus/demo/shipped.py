"""The packaged text: everyday sentences, as `making.py` made them from those of Tatoeba (CC BY 2.0 FR)."""

from __future__ import annotations

from engine.corpus.lines import line_blocks
from engine.corpus.reading import Blocks, Reading
from engine.errors import LoomError
from engine.workspace import PACKAGED_DEMO

DEMO_TEXT = PACKAGED_DEMO / "sentences.txt.zst"
MEND = "git checkout -- assets/demo"


def demo_sentences(reading: Reading) -> Blocks:
    """Yield the demo's sentences in the order of the source, in batches.

    Raises:
        LoomError: the file is missing or damaged.
    """
    try:
        reading.unit = "bytes"
        reading.total = DEMO_TEXT.stat().st_size
        for lines in line_blocks(DEMO_TEXT, reading):
            yield list(lines)
    except (LoomError, OSError) as error:
        why = error.message if isinstance(error, LoomError) else f"{error}."
        raise LoomError(f"The demo's text cannot be read: {why}", f"Get it back: {MEND}") from error
