"""What a report says of where it comes from can be given as it stands, and tells nothing of somebody's disk."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path

from engine.evaluation.report.provenance import commands, settings, training_plan, versions
from engine.runs.run import FirstWeights, Run
from engine.training.plan import make_plan
from tests.engine.evaluation.values import evaluation_of


def test_settings_seeds_and_fingerprints_are_all_there(tiny_run: Run) -> None:
    made = evaluation_of(tiny_run)
    found = json.loads(json.dumps(settings(tiny_run, made, 3)))
    assert found["seeds"] == {"training": tiny_run.settings.train.seed, "evaluation": 7, "tables": 3}
    assert found["fingerprints"]["models"] == made.models
    assert found["fingerprints"]["corpus"] == tiny_run.settings.corpus.fingerprint
    assert found["evaluation"]["samples"] == 50
    assert [each["name"] for each in found["variants"]] == [variant.name for variant in tiny_run.variants]


def test_folders_of_a_disk_are_not_told(tiny_run: Run) -> None:
    source = tiny_run.settings.corpus.source
    assert Path(source).is_absolute()
    told = json.dumps(settings(tiny_run, evaluation_of(tiny_run), 0))
    assert str(Path(source).parent) not in told
    assert Path(source).name in told


def test_the_commands_lead_from_the_text_to_the_report(tiny_run: Run) -> None:
    made = evaluation_of(tiny_run)
    prepare, train, encode, evaluate, report = commands(tiny_run, made, 3)
    assert prepare.startswith("python main.py corpus tiny.txt --name tiny --min-words 5")
    assert train == "python main.py train tiny --run tiny --config training.toml"
    assert encode == "python main.py encode tiny"
    assert evaluate == (
        "python main.py evaluate tiny --limit 40 --samples 50 --pairs 60 --draws 120 --beam 10 --seed 7 --judge"
    )
    assert report == "python main.py report tiny --seed 3"
    origin = FirstWeights(variant="vae", run="demo", of="autogen-m1", step=3, weights_sha256="0" * 64)
    begun = replace(tiny_run, settings=tiny_run.settings.model_copy(update={"first_weights": (origin,)}))
    assert commands(begun, made, 3)[1] == f"{train} --from demo:autogen-m1"
    whole = replace(made, sentences=made.of, variants=made.variants[:1])
    assert "--limit 0 " in commands(tiny_run, whole, 0)[3]
    assert commands(tiny_run, whole, 0)[3].endswith(f"--variants {tiny_run.variants[0].name}")
    assert "--judge" not in commands(tiny_run, replace(made, language_model={"perplexity": 41.5}), 3)[3]


def test_the_plan_of_the_training_makes_the_same_training(tiny_run: Run) -> None:
    plan = make_plan(tomllib.loads(training_plan(tiny_run)), tiny_run.settings.model.vocabulary)
    assert (plan.model, plan.variants) == (tiny_run.settings.model, tiny_run.variants)
    own = tiny_run.settings.train
    assert own.evaluate_every is None
    assert plan.train == own.model_copy(update={"evaluate_every": own.checkpoint_every})


def test_versions_name_the_program_python_and_the_libraries() -> None:
    found = versions()
    assert {"latent-loom", "python", "system", "libraries"} == set(found)
    assert {"torch", "numpy", "matplotlib"} <= set(found["libraries"])
