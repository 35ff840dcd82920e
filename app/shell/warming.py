"""What is imported once the window and its models are there, as it would hold up the first use of a feature."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from app.bench.tabs import KINDS
from app.core.jobs.collecting import left_out_of_rounds

_done = False


def warm(_opened: object) -> Iterator[None]:
    """Import what opens later, a part at a time; for a worker's thread.

    A table is written in each format, as that imports more than the module that writes it.
    """
    global _done
    if _done:
        return
    with left_out_of_rounds():
        yield from _imports()
        _done = True


def _imports() -> Iterator[None]:
    from engine.errors import LoomError
    from engine.evaluation.tables import TABLE_FORMATS, Table, write_table

    for kind in KINDS:
        kind.load()
        yield None
    import app.train.plots.plots
    import app.train.train

    yield None
    import app.survey.survey

    yield None
    import app.evaluate.evaluate
    import engine.evaluation.measures.kept  # noqa: F401

    yield None
    import app.survey.requests

    yield None
    import app.diagnosis.page
    import app.diagnosis.view  # noqa: F401

    yield None
    for name in TABLE_FORMATS:
        with suppress(LoomError, OSError), TemporaryDirectory() as folder:  # told when it is wanted
            write_table(Table("warm", ("a",), (("b",),)), Path(folder) / "warm", name)
        yield None
