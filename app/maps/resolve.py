"""What the maps show, derived from the atlas by pure functions. Nothing remembered."""

from __future__ import annotations

from app.run.atlas import VariantNumbers

_KL = "Mean KL in nats per test sentence: how much z tells about a sentence. 0 is nothing."
_AU = (
    "Active units: dimensions of z in use. Their mean μ has a variance above {active:g} over the test sentences.\n"
    "That does not say that they tell much: {carrying} of {latent} carry more than {nats:g} nats of KL each."
)
_REC = (
    "Reconstruction loss: mean of −log p(x|z) in nats per test sentence, end of sentence counted, with one z ~ q(z|x)."
)


def map_numbers(numbers: VariantNumbers | None, latent: int) -> list[tuple[str, str, str]]:
    """Name, value and explanation of the numbers in the head of a map."""
    if numbers is None:
        return []
    from engine.storage.latent_cache import ACTIVE_UNIT_THRESHOLD, CARRYING_KL  # brings h5py, the first paint does not

    units = _AU.format(active=ACTIVE_UNIT_THRESHOLD, carrying=numbers.carrying_units, latent=latent, nats=CARRYING_KL)
    return [
        ("KL", f"{numbers.mean_kl:.1f}", _KL),
        ("AU", f"{numbers.active_units}/{latent}", units),
        ("Rec.", f"{numbers.mean_nll:.1f}", _REC),
    ]
