"""What the table asks of the models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.bench.rows import GatheredRow, decoded_row
from app.core import requests
from app.core.answers import take_decoded
from app.core.choice import Choice
from app.core.values import Decoded
from app.run.atlas import Atlas
from engine.session import Session


def rows_of_sentences(
    session: Session, atlas: Atlas, indices: Sequence[int], choice: Choice
) -> Iterator[GatheredRow | None]:
    """A row for each of some test sentences; None in between, where it may be given up or wait for another request."""
    for index in indices:
        text = atlas.sentence(index)
        decoded = Decoded(text=text)
        for result in requests.reconstruct(session, text, session.variants, choice):
            decoded = take_decoded(decoded, result)
            yield None
        yield decoded_row(text, decoded, index)
