"""What is said of maps: above them, in their chooser, and in the form of a new one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.maps.presets import has_seed

if TYPE_CHECKING:
    from app.run.map_shown import Places
    from engine.maps.kept_maps import KeptMap
    from engine.maps.quality import Quality

AXES = (
    "Each point is one test sentence, the same in all maps. Near points have a similar z.\n"
    "The axes mean nothing by themselves: this is a flat drawing of a space with more directions."
)
METHODS: Mapping[str, tuple[str, str]] = {
    "umap": ("UMAP", "Neighbourhoods, and how regions hang together"),
    "tsne": ("t-SNE", "Keeps the most neighbours together; says least about how groups lie to each other"),
    "pca": ("PCA", "The two directions in which z varies most; quick, and coarse: most neighbours are lost"),
}
PRESETS: Mapping[str, tuple[str, str]] = {
    "local": ("Local", "Many small tight groups: sentences that are nearly alike lie together"),
    "balanced": ("Balanced", "The usual view, between small groups and the large shape"),
    "global": ("Global", "The large shape: broad regions; close neighbours are less exact"),
}


def caption(places: Places, n: int) -> tuple[str, str]:
    """What stands above a map at the right, and its tooltip."""
    from engine.maps.kept_maps import METHODS as NAMES
    from engine.maps.kept_maps import settings_told
    from engine.maps.quality import quality_of

    if not places.name:
        return "", ""
    method = NAMES.get(str(places.settings.get("method", "")), places.name)
    warning = str(places.settings.get("warning", ""))
    quality = None if warning else quality_of(places.settings)
    kept = f" · {quality.neighbours_kept:.0%} kept" if quality is not None else "" if warning else f" · {n:,}"
    made = settings_told(places.settings).replace("of mu", "of μ") if places.settings else ""
    told = [f"{n:,} test sentences. {made}".strip()]
    told += [warning] if warning else [trust(quality)] if quality is not None else []
    return f"{method}{kept}", "\n".join(filter(None, [*told, AXES]))


def trust(quality: Quality) -> str:
    """How far to trust a map, in plain words."""
    share = quality.neighbours_kept
    if share >= 0.5:
        verdict = "Points side by side here are mostly neighbours in z too."
    elif share >= 0.2:
        verdict = "Trust the regions; of two points side by side, every other one or fewer are neighbours in z."
    else:
        verdict = "Trust the broad regions only: most points side by side here are no neighbours in z."
    error = f" ± {100 * quality.neighbours_kept_error:.1f}" if quality.neighbours_kept_error else ""
    return (
        f"{100 * share:.0f}{error}% kept: of a sentence's {quality.k} nearest on the map, so many are among its "
        f"{quality.k} nearest in z; by chance {quality.chance:.2%}.\n"
        f"{verdict}\n"
        f"Trustworthiness {quality.trustworthiness:.2f} (1: nobody who is far in z lies near here), continuity "
        f"{quality.continuity:.2f} (1: no neighbours in z were torn apart); looked at {quality.asked:,} sentences."
    )


def entry(kept: KeptMap) -> tuple[str, str]:
    """A kept map in the menu: its text, and a tooltip of its settings and how far it can be trusted."""
    from engine.maps.kept_maps import quality_told, settings_told

    lines = [settings_told(kept.settings).replace("of mu", "of μ")] if kept.settings else []
    for variant, quality in kept.qualities.items():
        said = kept.warnings.get(variant) or (quality_told(quality) if quality is not None else "")
        lines += [f"{variant}: {said}"] if said else []
    lines += [f"{variant}: of other weights, not shown" for variant in kept.stale]
    shares = [quality.neighbours_kept for quality in kept.trusted.values()]
    ends = [f"{share:.0%}" for share in (min(shares), max(shares))] if shares else []
    beside = f"\t{' to '.join(dict.fromkeys(ends))} kept" if ends else ""
    return f"{title(kept.name)}{beside}".replace("&", "&&"), "\n".join(lines)


def title(name: str) -> str:
    """A map's name as people write it."""
    return METHODS[name][0] if name in METHODS else name


def button(name: str, short: bool) -> str:
    """What the chooser says while a map is shown."""
    most = 8 if short else 18
    text = title(name) or "no map"
    text = text if len(text) <= most else f"{text[: most - 1]}…"
    return text if short else f"Map: {text}"


def under_way(making: str, fraction: float, coarse: bool, short: bool) -> str:
    """What stands beside it while a map is made."""
    if short:
        return f"{fraction:.0%}"
    return f"coarse; {making} {fraction:.0%}" if coarse else f"{making} {fraction:.0%}"


def options(values: Mapping[str, Any]) -> list[str]:
    """The options of the command that makes a map of what stands in the form."""
    found = ["--method", str(values["method"])]
    if values["method"] != "pca":
        found += ["--neighbours", str(values["neighbours"]), "--metric", str(values["metric"])]
    if values["method"] == "umap":
        found += ["--min-dist", f"{values['min_dist']:g}"]
    found += ["--of", str(values["of"])] + ([] if values["aligned"] else ["--alone"])
    found += ["--seed", str(values["seed"])] if has_seed(str(values["method"]), str(values["of"])) else []
    return found + (["--name", str(values["name"])] if values["name"] else [])
