"""The words: which verdict which numbers get, and that every suggestion comes with its reason."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from engine.config import FreeBits
from engine.diagnostics.facts import Facts, Other
from engine.diagnostics.intervals import Estimate
from engine.diagnostics.report import carrying, judge, report


def facts(kl: float, swap: float, reconstruction: float = -30.0, m: float = 0.0, mi: float | None = None) -> Facts:
    def estimate(value: float, half: float = 0.1, n: int = 5000) -> Estimate:
        return Estimate(value, value - half, value + half, n, "made up")

    return Facts(
        label="A variant",
        metrics={
            "elbo": estimate(reconstruction - kl),
            "reconstruction": estimate(reconstruction),
            "kl": estimate(kl),
            "elbo_kl_share": estimate(kl / (kl - reconstruction)),
            "active_units": estimate(2.0, 0.0),
            "mu_spread": estimate(0.3),
            "mean_sigma": estimate(0.7),
            "mutual_information": estimate(min(kl, math.log(5000)) if mi is None else mi),
            "nll": estimate(0.9 * (kl - reconstruction)),
            "bound_gap": estimate(0.1 * (kl - reconstruction)),
            "perplexity": estimate(40.0),
            "swap_loss": estimate(swap),
            "zero_loss": estimate(swap / 2),
            "prior_loss": estimate(swap),
        },
        kl_per_dimension=(kl * 0.2, 0.0, kl * 0.8, 0.0),
        threshold=0.01,
        m=m,
        annealed=False,
        word_drop=0.4,
        step=1000,
        steps=1000,
    )


def test_of_a_kl_that_was_hardly_paid_for_nothing_is_promised() -> None:
    given = replace(facts(17.0, 120.0), paid=0.03)
    said = report(given).summary
    assert said.startswith("Healthy by its KL: ")
    assert "at this step the KL counted only 3.0% of what it is to count" in said
    assert "kinds" not in said
    for sound in (None, 1.0):
        assert "and the decoder uses it" in report(replace(given, paid=sound)).summary


def suggested(given: Facts) -> str:
    return " | ".join(each.what for each in report(given).suggestions)


@pytest.mark.parametrize(
    ("kl", "swap", "verdict"),
    [(0.02, 0.0, "collapsed"), (5.0, 0.05, "collapsed"), (3.5, 15.0, "weak"), (17.0, 120.0, "healthy")],
)
def test_the_verdict_follows_kl_and_swap(kl: float, swap: float, verdict: str) -> None:
    given = facts(kl, swap)
    assert judge(given.metrics) == verdict
    assert report(given).summary.lower().startswith(verdict)


def test_an_uncertain_swap_loss_is_not_called_deaf() -> None:
    given = facts(5.0, 0.2)
    wide = Estimate(0.2, -0.5, 0.9, 20, "few sentences")
    assert judge({**given.metrics, "swap_loss": wide}) == "weak"
    # Nor is it said to listen: that is open.
    made = report(replace(facts(17.0, 120.0), metrics={**facts(17.0, 120.0).metrics, "swap_loss": wide}))
    assert made.verdict == "healthy"
    assert "whether the decoder uses it, these sentences do not tell" in made.summary
    assert "Whether the decoder listens to z these sentences do not tell" in made.findings[0]
    sure = report(facts(17.0, 120.0))
    assert "and the decoder uses it" in sure.summary
    assert "do not tell" not in sure.findings[0]


def test_nats_without_information_are_explained() -> None:
    made = report(facts(5.0, 0.0, mi=-0.01))
    assert "same way for every sentence" in made.summary
    assert any("no difference which z" in text for text in made.findings)
    assert any("below 0 by chance" in text for text in made.findings)


def test_a_collapsed_variant_gets_a_larger_m_annealing_and_free_bits() -> None:
    made = report(facts(0.02, 0.0))
    assert [each.what.split(" (")[0] for each in made.suggestions] == [
        "A larger m",
        "Annealing",
        "Free bits, 0.1 to 0.5 nats a dimension",
    ]
    assert made.carrying == ()
    assert all(each.because.endswith(".") and len(each.because) > 20 for each in made.suggestions)


def test_word_drop_and_the_decoder_are_blamed_only_where_they_can_be() -> None:
    assert "word drop" in suggested(replace(facts(0.02, 0.0), word_drop=0.0))
    assert "word drop" not in suggested(facts(0.02, 0.0))
    assert "decoder" not in suggested(facts(0.02, 0.0))
    assert "decoder" in suggested(facts(0.02, 0.0, m=2.0))
    assert "Annealing" not in suggested(replace(facts(0.02, 0.0), annealed=True))


def test_where_the_kl_has_a_weight_of_its_own_that_is_what_to_change() -> None:
    heavy = report(replace(facts(0.02, 0.0), beta=4.0))
    assert heavy.suggestions[0].what == "A smaller weight of the KL (--variants vae)"
    assert heavy.suggestions[0].because == (
        "The KL is 0.0 nats with a KL weight of 4. At a KL weight of 1 the reconstruction counts as much as the KL."
    )
    assert "Annealing" not in suggested(replace(facts(0.02, 0.0), beta=4.0))
    light = replace(facts(3.5, 15.0), beta=0.5)
    assert report(light).suggestions[0].what == "A smaller weight of the KL (--variants vae-beta0.25)"
    both = replace(facts(0.02, 0.0, m=1.0), beta=0.5)
    assert "kl_schedule.end=0.25" in suggested(both)
    assert "m=1 and a KL weight of 0.5" in report(both).suggestions[0].because
    # The same trade under another name is no larger one; m and the weight are compared as what they come to.
    others = (Other("AutoGen m=1", 2.0, False, 9.0), Other("AutoGen m=4", 5.0, False, 20.0))
    shown = report(replace(light, others=others)).suggestions[0]
    assert shown.what == "A smaller weight of the KL (--variants vae-beta0.2)"
    assert "counts 5 times as much as the KL; AutoGen m=4 of this run stores 20.0" in shown.because
    assert report(replace(facts(3.5, 15.0), others=(Other("β", 4.0, False, 9.0),))).suggestions[0].what == (
        "A larger m (--variants autogen-m3)"
    )


def test_a_light_kl_with_a_bound_far_behind_is_to_weigh_more() -> None:
    behind = Estimate(8.0, 7.0, 9.0, 5000, "paired")
    given = replace(facts(27.0, 200.0, -16.0), behind=behind, best="VAE", beta=0.7)
    assert "A larger weight of the KL" in suggested(given)
    assert "--variants vae)" in suggested(given)
    assert "weight of the KL" not in suggested(replace(given, beta=1.4))


def test_other_variants_of_the_run_stand_as_evidence() -> None:
    others = (Other("AutoGen m=3", 4.0, False, 20.0), Other("VAE + annealing", 1.0, True, 6.0))
    made = report(replace(facts(3.5, 15.0), others=others))
    assert made.suggestions[0].what == "A larger m (--variants autogen-m3)"
    assert "AutoGen m=3 of this run stores 20.0" in made.suggestions[0].because
    assert "VAE + annealing of this run stores 6.0" in made.suggestions[1].because
    # Annealing that did not help in this very run is not proposed again.
    assert "Annealing" not in suggested(replace(facts(3.5, 15.0), others=(Other("annealed", 1.0, True, 2.0),)))
    collapsed = Other("annealed", 1.0, True, 9.0, "collapsed")  # nats that its decoder does not hear
    assert "Annealing" not in suggested(replace(facts(3.5, 15.0), others=(collapsed,)))


def test_a_bound_far_behind_asks_for_a_smaller_m_only_if_it_is_sure() -> None:
    behind = Estimate(8.0, 7.0, 9.0, 5000, "paired")
    given = replace(facts(27.0, 200.0, -16.0, m=2.0), behind=behind, best="VAE")
    assert "A smaller m" in suggested(given)
    assert "8.0 nats (7.0 to 9.0) below that of VAE" in report(given).suggestions[0].because
    assert "smaller" not in suggested(replace(given, behind=Estimate(1.5, -1.0, 4.0, 20, "paired")))
    assert "smaller" not in suggested(replace(given, m=0.0))


def test_an_unfinished_or_still_rising_training_is_told_first() -> None:
    assert suggested(replace(facts(0.02, 0.0), step=100)).startswith("Wait")
    assert suggested(replace(facts(3.5, 15.0), gained=(0.02, 800))).startswith("Train longer")
    assert "Train" not in suggested(replace(facts(3.5, 15.0), gained=(0.001, 800)))
    told = report(replace(facts(3.5, 15.0), gained=(0.02, 750))).suggestions[0].because
    assert told.startswith("The test ELBO rose by 2.0% from step 750 to step 1,000.")


def test_of_a_healthy_model_it_is_said_how_its_bound_stands_beside_the_others() -> None:
    def because(behind: Estimate | None) -> str:
        (found,) = report(replace(facts(17.0, 120.0), behind=behind, best="VAE")).suggestions
        assert found.what == "Nothing needs mending"
        return found.because

    assert because(None) == "z is used, and no bound of the run is better."
    assert (
        because(Estimate(0.1, -0.2, 0.4, 300, "paired")) == "z is used, and no bound of the run is better for certain."
    )
    assert "1.0 nats (0.5 to 1.5) below that of VAE" in because(Estimate(1.0, 0.5, 1.5, 300, "paired"))


def test_a_collapsed_model_that_is_heard_says_little() -> None:
    assert "So the decoder hears the little that z says." in report(facts(0.95, 4.0)).findings[0]


def test_a_decoder_that_has_not_learned_the_text_is_told_to_train_longer_first() -> None:
    barely = replace(facts(0.02, 0.0), token=7.79, vocabulary=2543)
    made = report(barely)
    assert made.suggestions[0].what == "Train longer (--steps)"
    assert "costs 7.8 nats, and guessing evenly among all 2,543 words costs 7.8:" in made.suggestions[0].because
    assert "has not learned the text yet" in made.summary
    assert suggested(replace(barely, step=100)).startswith("Wait")
    edge = 0.8 * math.log(2543)
    assert suggested(replace(barely, token=edge + 0.01)).startswith("Train longer")
    for known in (replace(barely, token=edge - 0.01), replace(barely, token=None), replace(barely, vocabulary=0)):
        assert "Train" not in suggested(known)
        assert "language model" in report(known).summary


def test_a_healthy_best_variant_is_left_alone() -> None:
    assert suggested(facts(17.0, 120.0)) == "Nothing needs mending"


def test_mutual_information_at_its_ceiling_is_called_a_lower_bound() -> None:
    assert any("lower bound" in text and "ln 5,000 = 8.52" in text for text in report(facts(17.0, 120.0)).findings)
    apart = report(facts(7.0, 30.0, mi=5.0)).findings
    assert any("at most 2.00 nats, is the distance" in text for text in apart)
    above = report(facts(5.0, 30.0, mi=5.2)).findings
    assert any("5.20 nats over 5,000 sentences (above the KL by chance" in text for text in above)
    assert not any("above the KL" in text for text in apart)


def test_a_loss_of_next_to_nothing_is_no_negative_zero() -> None:
    given = facts(0.02, -0.01, mi=-0.001)
    given = replace(given, metrics={**given.metrics, "swap_loss": Estimate(-0.01, -0.04, 0.01, 5000, "made up")})
    text = " ".join(report(given).findings)
    assert "changes by +0.0 nats (+0.0 to +0.0; +0%)" in text
    assert "sentence and z: 0.00 nats" in text
    assert "-0.0" not in text
    assert "by chance" not in text


def test_samples_that_do_not_suffice_are_mentioned() -> None:
    def likelihood(unsettled: float, *ladder: int) -> str:
        return report(replace(facts(17.0, 120.0), unsettled=unsettled, ladder=ladder)).findings[-1]

    assert "From 50 to 500 samples a sentence it still fell by 2.3 nats" in likelihood(2.3, 1, 5, 50, 500)
    assert "--samples" not in likelihood(0.4, 1, 10, 100)
    assert "--samples" not in likelihood(0.9, 1, 97)  # about a hundred times as many, less than half a nat for ten
    assert "From 1 to 97 samples" in likelihood(1.1, 1, 97)
    assert "--samples" not in likelihood(0.0, 1)


def test_losses_are_also_given_in_percent_and_dimensions_in_order() -> None:
    made = report(facts(3.5, 15.0, reconstruction=-30.0))
    assert made.loss_percent["swap_loss"] == pytest.approx(50.0)
    assert made.carrying == (2, 0)
    assert carrying((0.05, 0.3, 0.0)) == (1,)


def test_a_posterior_that_nobody_hears_is_not_told_to_store_more() -> None:
    deaf = facts(80.0, 0.0)
    made = report(deaf)
    assert made.verdict == "collapsed"
    assert [each.what.split(" (")[0] for each in made.suggestions] == ["A lower learning rate or a smaller m"]
    assert "train.learning_rate=0.1)" in suggested(replace(deaf, lower_rate=0.1))


def test_a_collapsed_variant_is_no_example_to_follow() -> None:
    other = Other("Big", 1000.0, True, 80.2, "collapsed")
    made = report(replace(facts(0.02, 0.0), others=(other,)))
    assert not any("Big" in each.because for each in made.suggestions)
    assert any("next to no KL" in finding for finding in made.findings)


def test_a_variant_with_free_bits_is_advised_more_of_them_where_it_uses_them() -> None:
    deaf = replace(facts(0.9, 0.0), free_bits=FreeBits(kind="dimension", nats=0.25))  # four dimensions: 1 nat is free
    (found,) = [each for each in report(deaf).suggestions if "ree bits" in each.what]
    assert found.what == "More free bits, 0.5 nats a dimension (--set variants.NAME.free_bits.nats=0.5)"
    assert "The KL is 0.9 nats, of which 1 cost nothing" in found.because
    assert "More free bits, 2 nats in all" in suggested(replace(deaf, free_bits=FreeBits(kind="total", nats=1)))
    assert "ree bits" not in suggested(replace(deaf, free_bits=FreeBits(kind="dimension", nats=1)))


def test_narrow_first_weights_are_named_where_too_little_is_stored() -> None:
    collapsed = facts(0.02, 0.0)
    assert "first weights" not in suggested(collapsed)
    narrow = replace(collapsed, narrow=True, spread=0.0007)
    found = next(each for each in report(narrow).suggestions if "initialisation=wide" in each.what)
    assert "differed by 0.0007 between sentences" in found.because
    assert "initialisation=wide" in suggested(replace(narrow, spread=None))
    assert "first weights" not in suggested(replace(facts(17.0, 120.0), narrow=True))
