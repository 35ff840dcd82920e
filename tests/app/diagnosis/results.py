"""What `diagnose` finds of two variants, small and whole."""

from __future__ import annotations

from typing import Any

from app.diagnosis.state import Estimate, Known

MODELS = {"vae": "aa", "autogen-m1": "bb"}
ESTIMATES = {
    "vae": Estimate("weak", 3.5, "A larger m (--variants autogen-m1)", "Because."),
    "autogen-m1": Estimate("healthy", 17.2),
}
SOURCES = {"models": MODELS, "step": 40, "corpus": "text"}
KNOWN = Known(ESTIMATES, SOURCES, "", 8000)


def estimate(value: float, half: float = 0.1) -> dict[str, Any]:
    return {"value": value, "low": value - half, "high": value + half, "n": 60, "how": "made up"}


def variant(label: str, kl: float, verdict: str, what: str = "A larger m (--variants autogen-m2)") -> dict[str, Any]:
    """A variant whose numbers differ from one another, so that none can stand for another."""
    values = {
        "elbo": -30.0 - kl,
        "reconstruction": -30.0,
        "kl": kl,
        "objective": -61.0,
        "kl_share": 0.111,
        "elbo_kl_share": 0.222,
        "active_units": 6.0,
        "carrying_units": 3.0,
        "mu_spread": 0.375,
        "mean_sigma": 0.625,
        "mutual_information": 2.25,
        "nll": 28.5,
        "bound_gap": 1.75,
        "perplexity": 40.25,
        "swap_loss": 15.5,
        "zero_loss": 9.25,
        "prior_loss": 16.75,
    }
    published = {
        "vae-lagging-encoder": {"nll": 28.5, "perplexity": 40.25, "mutual_information": 2.125, "active_units": 6.0},
        "texar": {"nll": 30.0 + kl, "perplexity": 44.5},
        "Sentence-VAE": {"nll": 30.0},
    }
    return {
        "label": label,
        **{name: estimate(value) for name, value in values.items()},
        "kl_per_dimension": [0.25, kl - 0.5, 0.25],
        "nll_by_samples": {"1": 30.25, "10": 28.5},
        "published": {
            program: {name: {"value": value, "n": 60, "how": "made up"} for name, value in numbers.items()}
            for program, numbers in published.items()
        },
        "report": {
            "verdict": verdict,
            "summary": f"{verdict.capitalize()}: of the nats that a sentence costs, {kl:.2f} are in z.",
            "findings": [f"One finding of {label}.", "Another finding."],
            "suggestions": [{"what": what, "because": f"The KL is {kl:.1f} nats."}],
            "carrying": [1],
            "loss_percent": {"swap_loss": 50.0},
        },
    }


def result(**changed: Any) -> dict[str, Any]:
    """As `diagnose --json` prints it."""
    return {
        "run": "demo",
        "step": 40,
        "sentences": 60,
        "tokens": 540,
        "weighted_sentences": 6,
        "weighted_tokens": 54,
        "samples": 10,
        "threshold": 0.01,
        "seed": 0,
        "corpus": "text",
        "models": dict(MODELS),
        "variants": {
            "vae": variant("VAE", 3.5, "weak"),
            "autogen-m1": variant("AutoGen m=1", 17.25, "healthy", "Nothing needs mending"),
        },
        **changed,
    }
