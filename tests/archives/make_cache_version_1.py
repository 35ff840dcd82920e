"""Made `cache-version-1.h5`, a cache of version 1 that must stay readable. The numbers follow from `expected`.

Run once, at the time of version 1: python -m tests.archives.make_cache_version_1
"""

from pathlib import Path

import numpy as np

from engine.storage.cache_writer import add_projections, write_cache
from engine.storage.latent_cache import VariantInfo

ARCHIVE = Path(__file__).with_name("cache-version-1.h5")
SENTENCES = ("The cat sat on the mat.", "Où est l’été?", "I don't know, do you?")
WORDS = (7, 5, 8)
LATENT = 4


def expected(position: int) -> dict[str, np.ndarray]:
    """The arrays of the variant at a position: simple fractions, exact in float32."""
    mu = (np.arange(12).reshape(3, 4) - 6) / 4 * (position + 1)
    return {
        "mu": mu,
        "logvar": -mu / 2,
        "nll": np.array([20.5, 18.25, 30.0]) + position,
        "kl": np.array([0.5, 1.5, 2.5]) * (position + 1),
        "map": mu[:, :2] * 2,
    }


def main() -> None:
    """Write the archive."""
    variants = ("vae", "autogen-m1")
    with write_cache(
        ARCHIVE,
        run="archive",
        corpus_fingerprint="c" * 64,
        latent=LATENT,
        sentences=SENTENCES,
        words=WORDS,
        app_version="0.1.0",
    ) as writer:
        for position, name in enumerate(variants):
            arrays = expected(position)
            arrays.pop("map")
            schedule = {"kind": "none", "warmup": 0}
            info = VariantInfo(name, name.upper(), "#56B4E9", float(position), str(position) * 64, position, schedule)
            writer.add_variant(info, **arrays)
    settings = {"method": "umap", "neighbours": 15, "min_dist": 0.1, "seed": 0, "landmarks": 20_000}
    maps = {name: (expected(position)["map"], settings) for position, name in enumerate(variants)}
    add_projections(ARCHIVE, maps, "umap")


if __name__ == "__main__":
    main()
