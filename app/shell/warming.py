"""What is imported once the window and its models are there, as it would hold up the first use of a feature."""

from __future__ import annotations

from collections.abc import Iterator

from app.bench.tabs import KINDS


def warm(_opened: object) -> Iterator[None]:
    """Import what opens later, a part at a time; for a worker's thread.

    A table is written in each format to nowhere, as that imports more than the module that writes it.
    """
    from engine.evaluation.tables import Table, table_text

    for name in ("csv", "md", "tex"):
        table_text(Table("warm", ("a",), (("b",),)), name)
        yield None
    for kind in KINDS:
        kind.load()
        yield None
    import app.train.train  # noqa: F401

    yield None
