"""Plans: a file, flags and names come to the same validated values, and everything wrong is told at once."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import FreeBits, KlSchedule, ModelConfig, MSchedule, TrainConfig, Variant
from engine.errors import LoomError, UsageError
from engine.training.plan import READ, Plan, PlanError, assign, document_of, make_plan, read_document, to_toml
from engine.training.schedules import kl_weight, learning_rate
from engine.workspace import CHECKOUT


def problems(document: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(PlanError) as caught:
        make_plan(document, vocabulary=100)
    return caught.value.problems


def test_an_empty_document_is_the_demo_preset_with_the_papers_variants() -> None:
    plan = make_plan({}, vocabulary=8000)
    assert plan.train == TrainConfig(
        steps=22000, batch=128, learning_rate=4e-3, log_every=25, checkpoint_every=1000, evaluate_every=500
    )
    assert plan.model == ModelConfig(vocabulary=8000, hidden=256, bidirectional=True, initialisation="wide")
    assert [variant.m for variant in plan.variants] == [0, 0, 1, 2]
    assert len({variant.colour for variant in plan.variants}) == 4
    assert plan.variants[1].kl_schedule == KlSchedule(kind="linear", warmup=5500)


def test_annealing_takes_the_presets_share_of_a_shorter_run() -> None:
    plan = make_plan({"train": {"steps": 2000}}, vocabulary=100)
    assert plan.variants[1].kl_schedule.warmup == 500


def test_the_kl_weight_of_a_published_preset_begins_where_its_program_begins() -> None:
    for name, steps in (("ptb", 13_150), ("yahoo", 31_250), ("yelp", 31_250)):
        plan = make_plan({"preset": name, "variants": ["vae-annealed", "vae-beta0.4"]}, 500)
        schedule = plan.variants[0].kl_schedule
        assert [kl_weight(schedule, at) for at in (0, steps // 2, steps)] == pytest.approx([0.1, 0.55, 1.0])
        assert kl_weight(plan.variants[1].kl_schedule, 0) == 0.4
        assert make_plan(document_of(plan), 500) == plan
    shorter = make_plan({"preset": "ptb", "variants": [{"name": "vae-annealed", "kl_schedule": {"warmup": 50}}]}, 500)
    assert (shorter.variants[0].kl_schedule.start, shorter.variants[0].kl_schedule.warmup) == (0.1, 50)


def test_a_variant_is_its_known_values_with_what_the_table_says_in_their_place() -> None:
    tables = [{"name": "vae-annealed", "kl_schedule": {"warmup": 7}}, {"name": "autogen-m1.5", "label": "Mine"}]
    annealed, autogen = make_plan({"variants": tables}, vocabulary=100).variants
    assert annealed.kl_schedule == KlSchedule(kind="linear", warmup=7)
    assert (autogen.m, autogen.label) == (1.5, "Mine")


def test_variants_without_a_colour_of_their_own_get_different_ones() -> None:
    names = ["vae", *(f"autogen-m{m}" for m in (3, 4, 5, 6)), {"name": "other", "m": 9.0, "colour": "#123456"}]
    variants = make_plan({"variants": names}, vocabulary=100).variants
    assert len({variant.colour for variant in variants}) == 6
    assert variants[-1].colour == "#123456"


def test_every_problem_is_told_with_its_key() -> None:
    found = problems(
        {
            "presett": "demo",
            "model": {"layers": 0, "cell": "rnn", "vocabulary": 10, "hiden": 3},
            "train": {"batch": "many"},
            "variants": [
                "vae",
                {"name": "slow", "kl_schedule": {"kind": "cyclical"}},
                {"m": 1},
                {"name": "b", "m": -2},
            ],
        }
    )
    assert set(found) == {
        *("presett", "model.layers", "model.cell", "model.vocabulary", "model.hiden", "train.batch"),
        *("variants.slow.kl_schedule", "variants.3", "variants.b.m"),
    }
    assert "perhaps 'preset' is meant" in found["presett"]
    assert "perhaps 'hidden' is meant" in found["model.hiden"]
    assert "'many'" in found["train.batch"]
    assert "warmup > 0" in found["variants.slow.kl_schedule"]
    named = problems({"variants": [{"name": "Bad Name"}]})["variants.Bad Name.name"]
    assert "points and hyphens" in named
    assert "pattern" not in named


@pytest.mark.parametrize(
    ("document", "key"),
    [
        ({"preset": "huge"}, "preset"),
        ({"variants": []}, "variants"),
        ({"variants": "vae"}, "variants"),
        ({"variants": [f"autogen-m{m}" for m in range(9)]}, "variants"),
        ({"variants": ["vae", "vae"]}, "variants.vae"),
        ({"variants": ["vea"]}, "variants.vea"),
        ({"model": 3}, "model"),
        ({"train": {"batch": True}}, "train.batch"),
        ({"train": {"learning_rate": float("nan")}}, "train.learning_rate"),
        ({"variants": [{"name": "Bad Name"}]}, "variants.Bad Name.name"),
        ({"variants": [{"name": "x" * 41}]}, f"variants.{'x' * 41}.name"),
        ({"variants": [{"name": "a\nb"}]}, "variants.a\nb.name"),
        ({"variants": [f"vae-beta0.{'0' * 40}1"]}, f"variants.vae-beta0.{'0' * 40}1"),
        ({"variants": [f"autogen-m0.{'0' * 40}1"]}, f"variants.autogen-m0.{'0' * 40}1"),
        ({"variants": ["autogen-m\u0663"]}, "variants.autogen-m\u0663"),  # a digit, but none of 0 to 9
        ({"train": {"seed": 2**64}}, "train.seed"),
        ({"train": {"seed": "9" * 5000}}, "train.seed"),
        ({"variants": [{"name": "x", "free_bits": {"kind": "total"}}]}, "variants.x.free_bits"),
        ({"variants": [{"name": "x", "m_schedule": {"kind": "linear"}}]}, "variants.x.m_schedule"),
        ({"variants": [{"name": "x", "free_bits": {"knid": "total"}}]}, "variants.x.free_bits.knid"),
    ],
)
def test_what_cannot_be_trained_is_refused_by_its_key(document: dict[str, Any], key: str) -> None:
    assert key in problems(document)


def test_assignments_reach_every_table_and_keep_dots_in_names_apart() -> None:
    document: dict[str, Any] = {}
    for text in (
        *("preset=small", "train.steps=30", "model.cell=gru", "model.recognition=[7, 8]"),
        *("variants.vae.m=0.5", "variants.autogen-m0.5.kl_schedule.kind=linear"),
        *("variants.autogen-m0.5.kl_schedule.warmup=9", "variants.new.one.free_bits.kind=total"),
        "variants.new.one.free_bits.nats=2.5",
    ):
        assign(document, text)
    plan = make_plan(document, vocabulary=100)
    by_name = {variant.name: variant for variant in plan.variants}
    assert (plan.train.steps, plan.model.cell, plan.model.recognition) == (30, "gru", (7, 8))
    assert by_name["vae"].m == 0.5
    assert by_name["autogen-m0.5"].kl_schedule == KlSchedule(kind="linear", warmup=9)
    assert by_name["new.one"].free_bits == FreeBits(kind="total", nats=2.5)
    assert len(plan.variants) == 6


@pytest.mark.parametrize("text", ["steps", "=3", "train..steps=3", "train.steps.more=3", "variants.vae=3"])
def test_an_assignment_that_leads_nowhere_is_refused(text: str) -> None:
    document: dict[str, Any] = {"train": {"steps": 3}}
    with pytest.raises(UsageError):
        assign(document, text)


@pytest.mark.parametrize("name", ["vae-beta0", "vae-beta-1", "vae-beta1001", "vae-beta1e2", "vae-beta", "vae-beta.5"])
def test_a_beta_out_of_range_is_told_its_range(name: str) -> None:
    assert "above 0 and at most 1000 after vae-beta, in digits" in problems({"variants": [name]})[f"variants.{name}"]


@pytest.mark.parametrize("name", ["autogen-m-1", "autogen-m1e2", "autogen-m", "autogen-mm", "autogen-m.5"])
def test_an_m_out_of_range_is_told_its_range(name: str) -> None:
    assert "an m above -1 after autogen-m, in digits" in problems({"variants": [name]})[f"variants.{name}"]


@pytest.mark.parametrize(
    ("assignment", "told"),
    [
        ("model.recognition=200", "is a list of whole numbers, such as [200, 200], or [] (it is 200)"),
        ("model.recognition=wide", "is a list of whole numbers, such as [200, 200], or [] (it is 'wide')"),
        ("variants.vae.kl_schedule=linear", "set one of them, as kl_schedule.kind=linear (it is 'linear')"),
        ("variants.vae.kl_schedule=3", "set one of them, as kl_schedule.kind=linear (it is 3)"),
        ("variants.vae.m_schedule=cosine", "set one of them, as m_schedule.kind=cosine (it is 'cosine')"),
        ("variants.vae.free_bits=[1]", "set one of them, as free_bits.kind=dimension"),
        ("variants.vae.label=3", "is a text: write it in quotes (it is 3)"),
    ],
)
def test_a_value_of_the_wrong_form_is_told_the_form(assignment: str, told: str) -> None:
    document: dict[str, Any] = {}
    assign(document, assignment)
    (found,) = problems(document).values()
    assert found.endswith(told)
    assert not any(word in found for word in ("tuple", "instance", "dictionary"))


def test_settings_of_another_kind_of_schedule_are_told_and_not_kept_in_a_document() -> None:
    document: dict[str, Any] = {"variants": ["vae-annealed"]}
    for text in ("cycles=8", "rise=0.9", "steepness=3", "end=0.5"):
        assign(document, f"variants.vae-annealed.kl_schedule.{text}")
    without = "has no effect with linear, without kl_schedule.kind"
    assert problems(document) == {
        "variants.vae-annealed.kl_schedule.cycles": f"{without} (cyclical)",
        "variants.vae-annealed.kl_schedule.rise": f"{without} (cyclical)",
        "variants.vae-annealed.kl_schedule.steepness": f"{without} (logistic)",
    }
    assign(document, "variants.vae-annealed.kl_schedule.kind=cyclical")
    assert set(problems(document)) == {"variants.vae-annealed.kl_schedule.steepness"}
    # An earlier version took them: such a run can be gone on with.
    schedule = KlSchedule(kind="linear", warmup=10, cycles=8)
    plan = make_plan({"variants": ["vae"]}, vocabulary=100)
    plan = replace(plan, variants=(Variant(name="vae", kl_schedule=schedule),))
    assert document_of(plan)["variants"][0]["kl_schedule"] == {"kind": "linear", "warmup": 10, "start": 0.0, "end": 1.0}


@pytest.mark.parametrize("kind", [*READ["kl_schedule"]])
def test_the_fields_that_a_schedule_reads_are_those_that_change_its_weight(kind: str) -> None:
    plain = {"kind": kind, "warmup": 12, "start": 0.1, "end": 1.0, "steepness": 12.0, "cycles": 2, "rise": 0.5}
    other = {"warmup": 10, "start": 0.2, "end": 0.9, "steepness": 5.0, "cycles": 3, "rise": 0.8}

    def weights(**changed: object) -> list[float]:
        return [kl_weight(KlSchedule.model_validate({**plain, **changed}), step) for step in range(40)]

    assert {name for name, value in other.items() if weights(**{name: value}) != weights()} == READ["kl_schedule"][kind]


@pytest.mark.parametrize(
    ("name", "settings", "label"),
    [
        ("autogen-m1", ["m=3"], "AutoGen m=3"),
        ("autogen-m1", ["m=3", "kl_schedule.end=0.5"], "AutoGen m=3, β=0.5"),
        ("vae-beta0.5", ["kl_schedule.end=0.25"], "VAE β=0.25"),
        ("vae-beta0.5", ["m=2"], "VAE β=0.5, m=2"),
        ("vae", ["encoder_steps=3"], "VAE, encoder first"),
        ("vae-aggressive", ["encoder_steps=0"], "VAE"),
        ("vae-annealed", ["kl_schedule.warmup=9"], "VAE + annealing"),
        ("autogen-m1", ["m=3", 'label="Mine"'], "Mine"),
    ],
)
def test_a_variant_is_not_called_what_it_is_not(name: str, settings: list[str], label: str) -> None:
    document: dict[str, Any] = {"variants": [name]}
    for text in settings:
        assign(document, f"variants.{name}.{text}")
    plan = make_plan(document, vocabulary=100)
    assert plan.variants[0].label == label
    assert make_plan(document_of(plan), vocabulary=100) == plan


@pytest.mark.parametrize(
    ("preset", "text", "key", "lacking"),
    [
        ("demo", "model.activation=tanh", "model.activation", "recognition as it is (none)"),
        ("paper", "model.state_from_z=linear", "model.state_from_z", "z_at as it is (first)"),
        ("ptb", "train.word_drop_to=zero", "train.word_drop_to", "word_drop as it is (0.0)"),
        ("ptb", "train.word_drop_exactly=true", "train.word_drop_exactly", "word_drop as it is (0.0)"),
    ],
)
def test_a_setting_that_nothing_reads_is_told_with_what_would_read_it(
    preset: str, text: str, key: str, lacking: str
) -> None:
    document: dict[str, Any] = {"preset": preset}
    assign(document, text)
    assert problems(document) == {key: f"has no effect with {lacking}"}
    plan = make_plan({"preset": preset}, vocabulary=100)
    assert make_plan(document_of(plan), vocabulary=100) == plan


def test_a_setting_may_stay_where_what_reads_it_is_switched_off_beside_it() -> None:
    document: dict[str, Any] = {"preset": "small"}
    for text in ("model.activation=relu", "model.recognition=[]", "train.word_drop_to=unknown", "train.word_drop=0"):
        assign(document, text)
    plan = make_plan(document, vocabulary=100)
    assert (plan.model.recognition, plan.train.word_drop) == ((), 0.0)
    assert make_plan(document_of(plan), vocabulary=100) == plan
    # What the preset has is no wish of the person's.
    assert make_plan({"preset": "small", "model": {"recognition": []}}, vocabulary=100).model.activation == "tanh"


def test_a_setting_without_effect_names_what_is_lacking() -> None:
    document: dict[str, Any] = {"variants": ["vae"]}
    for text in ("free_bits.nats=2", "kl_schedule.warmup=500", "kl_schedule.end=0.5", "m_schedule.start=9"):
        assign(document, f"variants.vae.{text}")
    assert problems(document) == {
        "variants.vae.free_bits.nats": "has no effect without free_bits.kind (dimension or total)",
        "variants.vae.kl_schedule.warmup": "has no effect without kl_schedule.kind (linear or logistic or cyclical)",
        "variants.vae.m_schedule.start": "has no effect without m_schedule.kind (linear or cosine)",
    }
    for part, kind in {"free_bits": "total", "kl_schedule": "none", "m_schedule": "none"}.items():
        assign(document, f"variants.vae.{part}.kind={kind}")  # what is switched off may keep its settings, as in a form
    (variant,) = make_plan(document, vocabulary=100).variants
    assert (variant.free_bits.nats, variant.kl_schedule.end) == (2, 0.5)
    assign(document, "variants.vae-annealed.kl_schedule.warmup=7")  # the name brings the kind
    assert make_plan(document, vocabulary=100).variants[1].kl_schedule.warmup == 7


@pytest.mark.parametrize(
    ("variants", "found"),
    [
        (3, "variants: is a list"),
        ("vae", "variants: is a list"),
        ({"vae": {"m": 1}}, "variants: is a list"),
        ([3], "variants.1: needs a name"),
        ([{"name": ["a"]}], "variants.1: needs a name"),
    ],
)
def test_variants_that_are_none_are_refused_in_words_whatever_is_set_besides(variants: Any, found: str) -> None:
    def planned() -> Plan:
        document = {"variants": variants}
        assign(document, "variants.vae.m=1")
        return make_plan(document, vocabulary=100)

    with pytest.raises(PlanError, match=found):
        planned()


def test_values_at_their_limits_are_taken() -> None:
    longest = f"autogen-m0.{'0' * 28}1"
    plan = make_plan({"train": {"seed": 2**64 - 1}, "variants": [longest]}, vocabulary=100)
    assert (plan.train.seed, len(longest)) == (2**64 - 1, 40)
    assert (plan.variants[0].m, plan.variants[0].label) == (1e-29, "AutoGen m=1e-29")


def test_a_number_of_more_digits_than_python_reads_is_refused_in_words(tmp_path: Path) -> None:
    document: dict[str, Any] = {}
    assign(document, f"train.seed={'9' * 5000}")
    assert "train.seed" in problems(document)
    file = tmp_path / "plan.toml"
    file.write_text(f"[train]\nseed = {'9' * 5000}\n")
    with pytest.raises(LoomError, match=r"plan\.toml is no TOML file"):
        read_document(file)


names = st.from_regex(r"\A[a-z0-9][a-z0-9.-]{0,10}\Z")
variants = st.builds(
    Variant,
    name=names,
    m=st.floats(-0.99, 50),
    label=st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12),
    kl_schedule=st.one_of(
        st.just(KlSchedule()),
        st.builds(KlSchedule, kind=st.sampled_from(["linear", "logistic", "cyclical"]), warmup=st.integers(1, 9999)),
    ),
    m_schedule=st.one_of(
        st.just(MSchedule()), st.builds(MSchedule, kind=st.just("cosine"), start=st.floats(0, 9), steps=st.just(5))
    ),
    free_bits=st.one_of(st.just(FreeBits()), st.builds(FreeBits, kind=st.just("dimension"), nats=st.floats(0.01, 2))),
    colour=st.just("#10aaFF"),
)


@given(st.lists(variants, min_size=1, max_size=8, unique_by=lambda variant: variant.name), st.integers(1, 10**6))
def test_a_plan_written_as_toml_is_read_as_the_same_plan(chosen: list[Variant], steps: int) -> None:
    model = ModelConfig(vocabulary=50, cell="gru", dropout=0.25)
    plan = Plan("small", model, TrainConfig(steps=steps, keep_every=7), (*chosen,))
    assert make_plan(tomllib.loads(to_toml(document_of(plan))), vocabulary=50) == plan


def test_a_file_that_is_no_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_text("[train]\nsteps = = 3\n")
    with pytest.raises(LoomError, match=r"plan\.toml.*line 2"):
        read_document(file)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(LoomError, match=r"plan\.toml"):
        read_document(file)
    with pytest.raises(LoomError, match="cannot be read"):
        read_document(tmp_path / "missing.toml")


def test_a_constant_weight_of_the_kl_has_a_name_and_survives_being_written_down() -> None:
    plan = make_plan({"variants": ["vae-beta0.4", {"name": "mine", "m": 1, "kl_schedule": {"end": 2.0}}]}, 100)
    assert [variant.kl_schedule.end for variant in plan.variants] == [0.4, 2.0]
    assert plan.variants[0].label == "VAE β=0.4"
    assert make_plan(document_of(plan), 100) == plan


def test_what_a_name_stands_for_can_be_switched_off_and_stays_off_when_written_down() -> None:
    tables = [
        {"name": "vae-annealed", "kl_schedule": {"kind": "none"}},
        {"name": "vae-beta2", "kl_schedule": {"end": 1}},
        {"name": "vae-aggressive", "encoder_steps": 0},
    ]
    plan = make_plan({"variants": tables}, 100)
    assert [variant.kl_schedule.kind for variant in plan.variants] == ["none"] * 3
    assert [variant.kl_schedule.end for variant in plan.variants] == [1.0] * 3
    assert make_plan(document_of(plan), 100) == plan


def test_the_lesson_is_trained_with_what_its_curves_were_trained_with() -> None:
    folder = CHECKOUT / "docs" / "collapse"
    plan = make_plan(read_document(folder / "objectives.toml"), 6000)
    with open(folder / "weights-wide-curves.csv", encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["split"] == "train"]
    assert tuple(each.name for each in plan.variants) == tuple(dict.fromkeys(row["variant"] for row in rows))
    steps = [int(row["step"]) for row in rows if row["variant"] == "vae"]
    assert steps == list(range(plan.train.log_every, plan.train.steps + 1, plan.train.log_every))
    for row in rows:
        variant = next(each for each in plan.variants if each.name == row["variant"])
        step = int(row["step"])
        assert int(row["sentences_seen"]) == plan.train.batch * step
        assert float(row["learning_rate"]) == pytest.approx(learning_rate(plan.train, step - 1), rel=1e-5)
        assert float(row["kl_weight"]) == pytest.approx(kl_weight(variant.kl_schedule, step - 1), rel=1e-5)
