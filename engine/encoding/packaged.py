"""The demo's latents and maps that are shipped with its models.

`assets/demo/latents.h5` holds, per variant, mu and logvar (half precision), nll, kl and the coordinates of a
map; `latents.json` says which text and which weights they belong to. They are numbers about sentences, so they are
used only where the demo's text gives the same corpus.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from engine.errors import LoomError
from engine.runs.packed import packed, read_tensors, stored, write_tensors
from engine.runs.run import Run
from engine.storage.digests import digest_of, digests_of, sealed, unsealed
from engine.storage.files import read_json, write_json
from engine.storage.latent_cache import LatentCache

PACKAGED_SEED = 0
"""Of the z that `nll` of packaged latents was measured with."""
ARRAYS = ("mu", "logvar", "nll", "kl")
_TENSORS = "latents.safetensors"
_AGAIN = "Get both files again from where the run came from, or delete both: encode then computes the latents."


class _Description(BaseModel):
    """What latents.json holds."""

    model_config = ConfigDict(extra="forbid")

    corpus_fingerprint: str
    models: dict[str, str]
    map: str
    map_settings: dict[str, dict[str, Any]]
    digests: dict[str, str] | None = None


@dataclass(frozen=True)
class PackagedLatents:
    """Latents that lie beside a packaged run."""

    description: dict[str, Any]
    tensors: dict[str, NDArray[Any]]
    covered: bool = False
    """Whether a digest vouches for them."""

    @property
    def map_name(self) -> str:
        """Name of the maps that are packaged."""
        return str(self.description["map"])

    def fits(self, run: Run, corpus_fingerprint: str) -> bool:
        """Whether they were made from this text with these weights."""
        made_with = self.description["models"]
        return self.description["corpus_fingerprint"] == corpus_fingerprint and all(
            made_with.get(variant.name) == run.model_fingerprint(variant.name) for variant in run.variants
        )

    def arrays(self, variant: str) -> dict[str, NDArray[np.float32]]:
        """mu, logvar (sentences, latent), nll, kl (sentences,), in single precision."""
        return {name: self.tensors[f"{variant}.{name}"].astype(np.float32) for name in ARRAYS}

    def map(self, variant: str) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """(sentences, 2) coordinates, and the settings they were made with."""
        return self.tensors[f"{variant}.map"].astype(np.float32), dict(self.description["map_settings"][variant])


def packaged_latents(run: Run) -> PackagedLatents | None:
    """The latents beside a run, if it has any.

    Raises:
        LoomError: they are there but cannot be read.
    """
    path, file = _tensors_path(run.path), _description_path(run.path)
    if not path.exists() and not file.exists():
        return None
    if not path.exists():
        raise LoomError(f"{packed(path)} is missing, though {file.name} is there.", _AGAIN)
    try:
        document = unsealed(read_json(file, "the description of the packaged latents", _AGAIN), file, _AGAIN)
    except LoomError as error:
        raise LoomError(error.message, _AGAIN) from error  # whether a flipped bit leaves it JSON or not
    try:
        description = _Description.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise LoomError(f"{file}: {where}: {first['msg']}.", _AGAIN) from error
    if (description.digests or {}).get(path.name) not in (None, digest_of(path)):
        raise LoomError(f"{path} is not the file that latents.json was written with.", _AGAIN)
    try:
        tensors = read_tensors(path)
    except (OSError, ValueError) as error:
        raise LoomError(f"{path} is cut off or damaged ({error}).", _AGAIN) from error
    for variant in run.variants:
        for name in (*ARRAYS, "map"):
            if f"{variant.name}.{name}" not in tensors or variant.name not in description.map_settings:
                raise LoomError(f"{path} or {file.name} lacks {name} of {variant.name}.", _AGAIN)
    return PackagedLatents(description.model_dump(exclude={"digests"}), tensors, bool(description.digests))


def packaged_files(folder: Path) -> list[Path]:
    """The files of packaged latents in a run's folder, those of them that are there."""
    return [path for path in (_tensors_path(folder), _description_path(folder)) if path.exists()]


def package_latents(cache: LatentCache, folder: Path, map_name: str = "umap") -> None:
    """Write the latents and maps of a cache beside the run in `folder`.

    Raises:
        LoomError: a variant has no such map, or a file could not be written.
    """
    tensors: dict[str, NDArray[Any]] = {}
    settings: dict[str, Any] = {}
    for variant in cache.variants:
        values = {name: getattr(cache, name)(variant) for name in ARRAYS}
        for name in ARRAYS:
            # Half precision keeps three digits, which a map and a decoding do not notice; the file halves.
            tensors[f"{variant}.{name}"] = np.ascontiguousarray(values[name].astype(np.float16))
        tensors[f"{variant}.map"] = np.ascontiguousarray(cache.projection(variant, map_name))
        settings[variant] = cache.projection_settings(variant, map_name)
    for old in packaged_files(folder):
        old.unlink()
    path = packed(folder / _TENSORS)
    write_tensors(path, tensors)
    description = {
        "corpus_fingerprint": cache.corpus_fingerprint,
        "models": {variant: cache.info(variant).model_fingerprint for variant in cache.variants},
        "map": map_name,
        "map_settings": settings,
    }
    digests = digests_of(folder, [path.name])
    write_json(_description_path(folder), sealed({**description, "digests": digests}))


def _tensors_path(folder: Path) -> Path:
    return stored(folder / _TENSORS)


def _description_path(folder: Path) -> Path:
    return folder / "latents.json"
