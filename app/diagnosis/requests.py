"""What is asked of the thread that owns the opened cache: what is known of its models, and files to be written."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.diagnosis.state import Estimate, Known
from app.run.atlas import Atlas, Opened
from engine.errors import LoomError
from engine.workspace import Workspace


def look(
    opened: Opened, workspace: Workspace, name: str, step: int | None, broken: Collection[str] = ()
) -> Iterator[Known]:
    """What is known of the models behind the maps: from the cache, from the run's log, and from what was kept.

    Args:
        opened: with maps.
        workspace, name, step: of the run, and of the shown models; None where they are not of one step.
        broken: variants whose models could not be loaded.

    Raises:
        LoomError: the cache is damaged.
    """
    if opened.atlas is None:
        return
    from engine.diagnostics import kept
    from engine.diagnostics.glance import glances
    from engine.diagnostics.request import MOST_SENTENCES
    from engine.runs.run import Run

    cache = opened.atlas.cache
    run, why_not = None, ""
    try:
        run = Run.open(workspace.run(name))
    except LoomError:
        why_not = "Its models are not here, so nothing can be measured."
    estimates = {
        variant: _estimate(opened.atlas, variant, glance) for variant, glance in glances(cache, run, step).items()
    }
    names = [variant for variant in cache.variants if variant not in opened.broken and variant not in broken]
    if run is not None and opened.no_models is not None:
        why_not = opened.no_models.message
    elif run is not None and step is None:
        why_not = "The variants are not shown at one step, so their numbers cannot be compared."
    sentences = min(cache.n, MOST_SENTENCES)
    if why_not or run is None or step is None or not names:
        yield Known(estimates, None, why_not, sentences)
        return
    models = {variant: cache.info(variant).model_fingerprint for variant in names}
    sources, found, problem = kept.sources(run, models, step), None, ""
    try:
        found = kept.most_thorough(workspace.diagnosis(name), sources)
    except LoomError as error:
        problem = f"{error.message} {error.hint}".strip()
    result, created = (found.result, found.created) if found is not None else (None, "")
    yield Known(estimates, sources, "", sentences, result, created, problem)


def belongs(result: Mapping[str, Any], sources: Mapping[str, Any] | None) -> bool:
    """Whether a result of `diagnose` is of just these models, step and text."""
    return sources is not None and all(result.get(key) == sources[key] for key in ("models", "step", "corpus"))


def write(
    path: Path, format: str, result: Mapping[str, Any], table: tuple[Sequence[str], Sequence[Sequence[Any]]]
) -> Iterator[str]:
    """Write a result: in JSON as `diagnose --json` prints it, else as a table.

    Args:
        path: that a person has named.
        format: of `TABLE_FORMATS`.
        result: of `diagnose`.
        table: its numbers, header and lines.

    Yields:
        what to tell.

    Raises:
        LoomError: it cannot be written.
    """
    import json

    from engine.evaluation.tables import Table, write_table
    from engine.storage.files import export_text

    remarks: tuple[str, ...] = ()
    if format == "json":
        export_text(path, json.dumps(result, ensure_ascii=False, indent=2) + "\n")
    else:
        header, lines = table
        remarks = write_table(Table("diagnosis", tuple(header), tuple(tuple(line) for line in lines)), path, format)
    yield " ".join([f"Wrote the diagnosis to {path}.", *remarks])


def _estimate(atlas: Atlas, variant: str, glance: Any) -> Estimate:
    numbers, advice = atlas.numbers[variant], glance.advice
    return Estimate(
        glance.verdict,
        numbers.mean_kl,
        advice.what if advice is not None else "",
        advice.because if advice is not None else "",
        numbers.active_units,
        numbers.carrying_units,
        atlas.latent,
        numbers.mean_nll,
    )
