"""Options that mean nothing beside others are refused, whatever their value is, before anything is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.cli.app import app

GROUPS = ("--with-search", "was", "--without-search", "is")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("project", "none", "--delete", "umap", "--method", "umap"),
            "--delete makes no map, so --method means nothing",
        ),
        (("project", "none", "--list", "--name", "x"), "--list makes no map, so --name means nothing"),
        (("project", "none", "--rename", "umap", "--name", "x", "--alone"), "so --alone means nothing"),
        (("project", "none", "--list", "--seed", "0"), "so --seed means nothing"),
        (
            ("evaluate", "none", "--given-back", "--beam", "10"),
            "--given-back makes no numbers, so --beam means nothing",
        ),
        (("evaluate", "none", "--given-back", "--judge"), "so --judge means nothing"),
        (("evaluate", "none", "--given-back", "-o", "x.csv"), "so --output means nothing"),
        (("table", "none", "numbers", "--seed", "3"), "numbers is made of what was evaluated, so --seed means nothing"),
        (("table", "none", "survey-sense", "--seed", "3"), "is made of answers, so --seed means nothing"),
        (("concept", "none", *GROUPS, "--mean"), "Without --apply no sentence is decoded, so --mean means nothing"),
        (("concept", "none", *GROUPS, "--strengths", "2"), "so --strengths means nothing"),
        (("concept", "none", *GROUPS, "--greedy"), "so --greedy means nothing"),
    ],
    ids=" ".join,
)
def test_what_means_nothing_is_refused(
    arguments: tuple[str, ...], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        app(args=[*arguments, "--workspace", str(tmp_path)])
    printed = capsys.readouterr()
    assert caught.value.code == 2
    assert told in " ".join(printed.err.split())
    assert "Leave --" in printed.err
    assert printed.out == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ("project", "none", "--rename", "umap", "--name", "x"),
        ("evaluate", "none", "--given-back", "--limit", "9"),
        ("table", "none", "generation", "--seed", "3"),
        ("concept", "none", *GROUPS, "--seed", "3"),
        ("concept", "none", *GROUPS, "--apply", "it was", "--strengths", "2", "--greedy"),
    ],
    ids=" ".join,
)
def test_what_means_something_goes_on_to_the_run(
    arguments: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        app(args=[*arguments, "--workspace", str(tmp_path)])
    assert caught.value.code == 1
    assert "no run named 'none'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--variants", "vae", "--set", "variants.autogenm1.m=2"), "Perhaps autogen-m1 is meant; else add it"),
        (("--variants", "vae", "--set", "variants.vae-beta0.5.m=2"), "Add it: --variants vae,vae-beta0.5"),
        (("--set", "variants.autogenm1.m=2"), "Perhaps autogen-m1 is meant"),
    ],
    ids=" ".join,
)
def test_a_setting_of_a_variant_that_is_not_trained_is_refused(
    arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        app(args=["train", "demo", "--show-config", *arguments])
    assert caught.value.code == 2
    assert told in " ".join(capsys.readouterr().err.split())
