"""`project`: what it refuses because a map of that kind has none of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.cli.app import app
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--seed", "3"), "A map by pca of the means has no --seed."),
        (("--of", "samples", "--metric", "cosine"), "A map by pca has no --metric."),
    ],
)
def test_what_changes_nothing_about_principal_components_is_refused(
    options: tuple[str, ...], message: str, tiny_workspace: Workspace
) -> None:
    given = ["project", "tiny", "--method", "pca", *options, "--workspace", str(tiny_workspace.root)]
    made = CliRunner().invoke(app, given)
    assert made.exit_code == 2
    assert message in made.stderr
    assert "Leave it out." in made.stderr


def test_a_map_of_samples_hangs_on_the_seed_also_by_principal_components(
    tiny_workspace: Workspace, tmp_path: Path
) -> None:
    root = tmp_path / "own"
    shutil.copytree(tiny_workspace.root, root)
    given = ["--method", "pca", "--of", "samples", "--workspace", str(root)]
    for seed in ("0", "3"):
        made = CliRunner().invoke(app, ["project", "tiny", *given, "--seed", seed, "--name", f"seed {seed}"])
        assert made.exit_code == 0, made.stderr
    with LatentCache.open(Workspace(root).cache("tiny")) as cache:
        first, second = (cache.projection("vae", f"seed {seed}") for seed in ("0", "3"))
    assert not (first == second).all()
