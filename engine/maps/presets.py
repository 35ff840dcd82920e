"""Settings of maps that go well together, by name, and the name of a map that was given none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from engine.config import MapMethod, ProjectionConfig

PresetName = Literal["local", "balanced", "global"]
USUAL_EPOCHS: Mapping[MapMethod, int] = {"umap": 200, "tsne": 250}
"""UMAP: its own 500 for small sets take 2.5 times as long; the start here is already in order. t-SNE: 750, as its
library has them, take four times as long for at most 0.003 more of the neighbours kept (the demo,
AutoGen m=1)."""


@dataclass(frozen=True, slots=True)
class Preset:
    """Values of a map's settings. `meaning` says in plain words what a map of them shows."""

    neighbours: int
    min_dist: float
    meaning: str


PRESETS: Mapping[PresetName, Preset] = {
    "local": Preset(8, 0.0, "many small tight groups: sentences that are nearly alike lie together; distances between "
                            "groups mean least"),
    "balanced": Preset(15, 0.1, "the usual view: neighbourhoods and how they hang together"),
    "global": Preset(60, 0.5, "the large shape: broad regions, spread evenly; close neighbours are less exact"),
}  # fmt: skip


def has_seed(method: str, of: str) -> bool:
    """Whether anything about a map hangs on chance: of principal components only which sample of z is drawn."""
    return method != "pca" or of == "samples"


def settings_of(preset: PresetName, **own: Any) -> dict[str, Any]:
    """The settings of a preset, with those of `own` that are not None in the place of its own."""
    found = PRESETS[preset]
    return {"neighbours": found.neighbours, "min_dist": found.min_dist} | {
        name: value for name, value in own.items() if value is not None
    }


def fitted(config: ProjectionConfig, n: int) -> ProjectionConfig:
    """The settings with no more neighbours than n sentences can have: all others, or for t-SNE a third of them."""
    points = min(n, config.landmarks)
    most = max(2, (points - 2) // 3 if config.method == "tsne" else points - 1)
    return config if config.neighbours <= most else config.model_copy(update={"neighbours": most})


def name_of(config: ProjectionConfig, n: int | None = None) -> str:
    """The name under which a map is kept: its own, or one of what is unusual about its settings (`umap-local`).

    Args:
        config: what is asked for.
        n: sentences, where a number of neighbours in the name is to be one that they can have.
    """
    if config.name:
        return config.name
    if n is not None and _preset(config) is None:
        config = fitted(config, n)
    parts: list[str] = [config.method]
    if config.method != "pca":
        parts += _shape(config)
        parts += ["cosine"] if config.metric == "cosine" else []
        parts += [f"e{config.epochs}"] if config.epochs not in (None, USUAL_EPOCHS[config.method]) else []
    parts += ["samples"] if config.of == "samples" else []
    parts += [] if config.aligned else ["alone"]
    parts += [f"s{config.seed}"] if config.seed and has_seed(config.method, config.of) else []
    return "-".join(parts)


def _shape(config: ProjectionConfig) -> list[str]:
    """A preset's name for its values of neighbours and distance, nothing for the usual ones, else the values."""
    if (preset := _preset(config)) is not None:
        return [] if preset == "balanced" else [preset]
    spread = config.min_dist if config.method == "umap" else None
    parts = [f"n{config.neighbours}"] if config.neighbours != PRESETS["balanced"].neighbours else []
    return parts + ([f"d{spread:g}"] if spread not in (None, PRESETS["balanced"].min_dist) else [])


def _preset(config: ProjectionConfig) -> PresetName | None:
    """The preset that has these values of neighbours and, for UMAP, distance."""
    spread = config.min_dist if config.method == "umap" else None
    for name in get_args(PresetName):
        preset = PRESETS[name]
        if config.neighbours == preset.neighbours and spread in (None, preset.min_dist):
            known: PresetName = name
            return known
    return None
