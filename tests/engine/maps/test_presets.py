"""What a map is called that was given no name, and what presets stand for."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from engine.config import ProjectionConfig
from engine.maps.presets import PRESETS, fitted, name_of, settings_of


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({}, "umap"),
        ({"method": "pca", "seed": 4, "neighbours": 30}, "pca"),
        ({"method": "pca", "of": "samples", "seed": 4}, "pca-samples-s4"),
        ({"method": "tsne"}, "tsne"),
        (settings_of("local"), "umap-local"),
        ({"method": "tsne", **settings_of("global")}, "tsne-global"),
        (settings_of("global", min_dist=0.1), "umap-n60"),
        ({"neighbours": 30, "min_dist": 0.25}, "umap-n30-d0.25"),
        ({"metric": "cosine", "epochs": 500, "of": "samples", "aligned": False, "seed": 2},
         "umap-cosine-e500-samples-alone-s2"),
        ({"epochs": 200}, "umap"),
        ({"name": "Mine, no", "neighbours": 3}, None),
        ({"name": "My map 2", "neighbours": 3}, "My map 2"),
    ],
)  # fmt: skip
def test_a_map_is_named_by_what_is_unusual_about_it(settings: dict[str, object], name: str | None) -> None:
    if name is None:
        with pytest.raises(ValidationError, match="name"):
            ProjectionConfig.model_validate(settings)
    else:
        assert name_of(ProjectionConfig.model_validate(settings)) == name


@pytest.mark.parametrize(
    ("settings", "n", "neighbours", "name"),
    [
        ({"neighbours": 200}, 127, 126, "umap-n126"),
        ({"neighbours": 200}, 201, 200, "umap-n200"),
        ({"neighbours": 200, "landmarks": 100}, 5000, 99, "umap-n99"),
        ({"method": "tsne", "neighbours": 90}, 127, 41, "tsne-n41"),
        ({"method": "tsne", "neighbours": 41}, 127, 41, "tsne-n41"),
        ({}, 12, 11, "umap"),
        (settings_of("global"), 30, 29, "umap-global"),
        ({"neighbours": 200}, 2, 2, "umap-n2"),
        ({"name": "mine", "neighbours": 200}, 127, 126, "mine"),
    ],
)
def test_settings_and_names_have_no_more_neighbours_than_there_can_be(
    settings: dict[str, object], n: int, neighbours: int, name: str
) -> None:
    config = ProjectionConfig.model_validate(settings)
    assert (fitted(config, n).neighbours, name_of(config, n)) == (neighbours, name)


def test_own_values_go_before_a_presets() -> None:
    assert settings_of("local", neighbours=None, min_dist=None) == {"neighbours": 8, "min_dist": 0.0}
    assert settings_of("local", neighbours=9, min_dist=None) == {"neighbours": 9, "min_dist": 0.0}
    assert settings_of("balanced") == {"neighbours": 15, "min_dist": 0.1}
    defaults = ProjectionConfig()
    assert settings_of("balanced") == {"neighbours": defaults.neighbours, "min_dist": defaults.min_dist}
    assert all(preset.meaning for preset in PRESETS.values())
