"""Making the latents of a run where they are missing or out of date, for commands that only read them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.encoding.encode import check_fresh, encode
from engine.errors import LoomError
from engine.events import Done, Event
from engine.runs.run import Run
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace


def why_to_encode(run: Run, workspace: Workspace) -> LoomError | None:
    """What is wrong with the cache of a run: that there is none, that it is damaged or out of date; None if nothing."""
    try:
        with LatentCache.open(workspace.cache(run.name)) as cache:
            check_fresh(run, cache)
    except LoomError as error:
        return error
    return None


def no_latents(workspace: Workspace, name: str, step: int | None) -> LoomError:
    """What to say where a run has no cache: how to make it.

    Raises:
        LoomError: it cannot be made, as there is no such run, or no checkpoint of that step.
    """
    run, at = Run.open(workspace.run(name)), f" --step {step}" if step is not None else ""
    folders = [run.checkpoints(variant.name) for variant in run.variants]
    if step is not None and not any(step in folder.steps() for folder in folders):
        folders[0].chosen(step)  # which tells those there are
    of = f"of step {step} of run {name!r}" if step is not None else f"of run {name!r}"
    return LoomError(
        f"There are no latents {of}: {workspace.cache(name, step)}.", f"Make them: python main.py encode {name}{at}"
    )


def encoded(
    run: Run, workspace: Workspace, device: str, should_stop: Callable[[], bool], variants: tuple[str, ...] = ()
) -> Iterator[Event]:
    """Encode the test set of a run, without the `Done` at the end, as a part of a longer task.

    Args: as of `encode`.

    Raises:
        LoomError, UsageError: as `encode`.
    """
    for event in encode(run, workspace, variants, device, should_stop=should_stop):
        if not isinstance(event, Done):
            yield event
