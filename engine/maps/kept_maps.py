"""Which maps a cache has, what they were made with, and how far each can be trusted, for people."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.errors import LoomError
from engine.maps.quality import Quality, quality_of
from engine.storage.latent_cache import LatentCache

METHODS: Mapping[str, str] = {"umap": "UMAP", "tsne": "t-SNE", "pca": "PCA"}


@dataclass(frozen=True)
class KeptMap:
    """The maps of one name.

    Attributes:
        name: of the maps.
        settings: what the first of them was made with, as `settings_told` takes it.
        qualities: by variant how far its map can be trusted, None where that was not measured.
        warnings: by variant what keeps its map from showing anything, where something does.
        stale: variants whose map was made from other weights, so that it is not shown.
        damaged: variants whose map cannot be read.
    """

    name: str
    settings: Mapping[str, Any]
    qualities: Mapping[str, Quality | None]
    warnings: Mapping[str, str] = field(default_factory=dict)
    stale: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()

    @property
    def variants(self) -> tuple[str, ...]:
        """Whose maps can be shown."""
        return tuple(self.qualities)

    def only(self, variants: Collection[str]) -> KeptMap:
        """The maps of these variants."""
        return replace(
            self,
            qualities={name: quality for name, quality in self.qualities.items() if name in variants},
            warnings={name: warning for name, warning in self.warnings.items() if name in variants},
            stale=tuple(name for name in self.stale if name in variants),
            damaged=tuple(name for name in self.damaged if name in variants),
        )

    @property
    def trusted(self) -> dict[str, Quality]:
        """How far those maps can be trusted of which that is told: a warning takes the place of any number."""
        found = {variant: quality for variant, quality in self.qualities.items() if variant not in self.warnings}
        return {variant: quality for variant, quality in found.items() if quality is not None}


def kept_maps(cache: LatentCache) -> list[KeptMap]:
    """All maps of a cache, by name: `umap` first, then in the order of their names."""
    names = {name for variant in cache.variants for name in cache.kept_projections(variant)}
    return [_kept(cache, name) for name in sorted(names, key=lambda name: (name != "umap", name))]


def _kept(cache: LatentCache, name: str) -> KeptMap:
    first: dict[str, Any] = {}
    qualities: dict[str, Quality | None] = {}
    warnings: dict[str, str] = {}
    stale, damaged = [], []
    for variant in cache.variants:
        if name not in cache.kept_projections(variant):
            continue
        if name not in cache.projections(variant):
            stale.append(variant)
            continue
        try:
            settings = cache.projection_settings(variant, name)
        except LoomError:
            damaged.append(variant)
            continue
        first = first or settings
        qualities[variant] = quality_of(settings)
        if settings.get("warning"):
            warnings[variant] = str(settings["warning"])
    return KeptMap(name, first, qualities, warnings, tuple(stale), tuple(damaged))


def settings_told(settings: Mapping[str, Any]) -> str:
    """What a map was made with, in words: "UMAP, 15 neighbours, minimal distance 0.1, of mu, seed 0"."""
    method = str(settings.get("method", ""))
    parts = [METHODS.get(method, method or "of another program")]
    if "neighbours" in settings:
        parts.append(f"{'perplexity' if method == 'tsne' else 'neighbours'} {settings['neighbours']}")
    if method == "umap" and "min_dist" in settings:
        parts.append(f"minimal distance {settings['min_dist']:g}")
    if settings.get("metric") == "cosine":
        parts.append("cosine")
    if "epochs" in settings:
        parts.append(f"{settings['epochs']} steps")
    parts.append("of a sample of z" if settings.get("of") == "samples" else "of mu")
    if settings.get("aligned_to"):
        parts.append("aligned over the models")
    elif settings.get("aligned_to") == "":
        parts.append("each model by itself")
    if "seed" in settings:
        parts.append(f"seed {settings['seed']}")
    return ", ".join(parts)


def quality_told(quality: Quality) -> str:
    """How far a map can be trusted, in one line."""
    return (
        f"keeps {quality.neighbours_kept:.0%} of {quality.k} neighbours, trustworthiness "
        f"{quality.trustworthiness:.2f}, continuity {quality.continuity:.2f}"
    )
