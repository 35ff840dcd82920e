"""What every number of the evaluation is: its name, its unit, which way is better, and a sentence that explains it.

The keys stand in the result of `evaluate` and in every table. A number of reconstructions has one key for each way of
decoding and of taking z, `bleu_beam_mu`, and those of one class of lengths end in `_short` or `_long`. No torch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

SHORT = 10
"""Tokens up to which the paper's table 4 takes a sentence as a short one."""

PICKED = "maps:selected"
"""What stands in a typed selection for the sentences that were picked on the maps."""

Better = Literal["higher", "lower", ""]
Group = Literal["likelihood", "latent", "reconstruction", "generation", "interpolation"]

GROUPS: dict[Group, str] = {
    "likelihood": "Likelihood",
    "latent": "Use of z",
    "reconstruction": "Reconstruction",
    "generation": "Generation",
    "interpolation": "Interpolation",
}
"""The kinds of numbers, with their headings."""

WAYS = {
    "beam_mu": "beam, z = \u03bc",
    "beam_z": "beam, z ~ q(z|x)",
    "greedy_mu": "greedy, z = \u03bc",
    "greedy_z": "greedy, z ~ q(z|x)",
}
"""How a sentence is given back: the search, and which z."""

LENGTHS = {"": "", "short": f"up to {SHORT} tokens", "long": f"over {SHORT} tokens"}
"""Classes of sentences by their length, as in the paper's table 4."""


RECURRENT = "forward_perplexity_recurrent"
"""The number of the second judge, which not every run has."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A number.

    Attributes:
        key: in results.
        title: in headings.
        group: which kind of number it is.
        unit: "nats", "tokens", "share" (from 0 to 1), "points" (from 0 to 100), "dimensions" or "" for none.
        better: which way is better, or "" where more is neither.
        meaning: one sentence for people.
        digits: after the point, as shown to people.
        way: of `WAYS`, for reconstructions.
        length: of `LENGTHS`.
        headline: whether it stands in the short table.
    """

    key: str
    title: str
    group: Group
    unit: str
    better: Better
    meaning: str
    digits: int = 2
    way: str = ""
    length: str = ""
    headline: bool = False

    @property
    def arrow(self) -> str:
        """An arrow to where it is better."""
        return {"higher": "\u2191", "lower": "\u2193", "": ""}[self.better]

    def shown(self, value: float) -> str:
        """A value as people read it: shares in per cent."""
        return f"{100 * value:.{self.digits}f}%" if self.unit == "share" else f"{value:z,.{self.digits}f}"


_LIKELIHOOD = (
    Definition(
        "elbo", "ELBO", "likelihood", "nats", "higher",
        "The bound that a VAE raises: how well a sentence is explained, less what its z costs.", headline=True,
    ),
    Definition(
        "nll", "NLL (IW)", "likelihood", "nats", "lower",
        "What a sentence costs the model, estimated with many samples of z, so nearer to the truth than the ELBO.",
        headline=True,
    ),
    Definition(
        "perplexity", "Perplexity", "likelihood", "", "lower",
        "Among how many equally likely words the model would have to choose at each place, from the NLL (IW).",
    ),
    Definition(
        "reconstruction", "E_q[log p(x|z)]", "likelihood", "nats", "higher",
        "How likely a sentence is when its own z is known.",
    ),
)  # fmt: skip

_LATENT = (
    Definition(
        "kl", "KL", "latent", "nats", "",
        "How far the z of a sentence is from what z would be without it; near 0 the model has collapsed.",
        headline=True,
    ),
    Definition(
        "mutual_information", "Mutual information", "latent", "nats", "",
        "How much z tells of which sentence it came from; never more than the logarithm of the sentences looked at.",
        headline=True,
    ),
    Definition(
        "active_units", "Active units", "latent", "dimensions", "",
        "Dimensions of z whose mean moves from sentence to sentence.", digits=0, headline=True,
    ),
)  # fmt: skip

_RECONSTRUCTION = (
    Definition(
        "bleu", "BLEU", "reconstruction", "points", "higher",
        "Runs of one to four tokens that the sentence given back shares with its source.", digits=1, headline=True,
    ),
    Definition(
        "exact", "Exact match", "reconstruction", "share", "higher",
        "Sentences that come back word for word.", digits=1, headline=True,
    ),
    Definition(
        "token_accuracy", "Tokens in place", "reconstruction", "share", "higher",
        "Tokens of the source, and its end, that come back at the very same place.", digits=1,
    ),
    Definition(
        "edit_distance", "Edit distance", "reconstruction", "share", "lower",
        "Tokens to insert, delete or replace to get the source back, as a share of the longer of the two.", digits=1,
    ),
)  # fmt: skip

_GENERATION = (
    Definition(
        "forward_perplexity", "Forward perplexity", "generation", "", "",
        "How surprising the samples are to a language model of the training text; far below real text they are dull.",
        digits=1, headline=True,
    ),
    Definition(
        RECURRENT, "Forward perplexity (recurrent)", "generation", "", "",
        "How surprising the samples are to a recurrent network trained on the text, which looks at all words before.",
        digits=1, headline=True,
    ),
    Definition(
        "reverse_perplexity", "Reverse perplexity", "generation", "", "lower",
        "How surprising real sentences are to a language model of the model's sentences: low is varied and true.",
        digits=1, headline=True,
    ),
    Definition(
        "distinct_1", "Distinct words", "generation", "share", "higher",
        "Different tokens among all tokens that the samples have.", digits=1,
    ),
    Definition(
        "distinct_2", "Distinct pairs", "generation", "share", "higher",
        "Different pairs of neighbouring tokens among all pairs of the samples.", digits=1,
    ),
    Definition(
        "self_bleu", "Self-BLEU", "generation", "points", "lower",
        "How much a sample repeats the other samples; high means that the model says the same again and again.",
        digits=1,
    ),
    Definition(
        "novelty", "Not in the training text", "generation", "share", "",
        "Samples that do not stand word for word in the training text.", digits=1, headline=True,
    ),
    Definition("length", "Length", "generation", "tokens", "", "Tokens of a sample, its end not counted.", digits=1),
)  # fmt: skip

_INTERPOLATION = (
    Definition(
        "distinct_neighbours", "Steps that differ", "interpolation", "share", "higher",
        "Neighbours on the way between two sentences that are not the same sentence.", digits=1, headline=True,
    ),
    Definition(
        "neighbour_similarity", "Neighbours alike", "interpolation", "share", "higher",
        "How alike neighbours on the way are, one less their edit distance.", digits=1,
    ),
    Definition(
        "largest_jump", "Largest jump", "interpolation", "share", "lower",
        "The largest edit distance between neighbours on a way: near 100% it breaks off somewhere.", digits=1,
    ),
    Definition(
        "end_recovery", "Ends recovered", "interpolation", "share", "higher",
        "How alike the two ends of a way are to the sentences that it was led through.", digits=1, headline=True,
    ),
)  # fmt: skip

BY_LENGTH = ("bleu", "exact", "edit_distance")
"""Numbers of reconstructions that are also had by length, in the paper's way; so is each forward perplexity."""
HEADLINE_WAY = "beam_z"
"""The paper's way to give a sentence back: z drawn from its posterior, then a beam search."""


def _reconstructions() -> list[Definition]:
    return [
        replace(
            each,
            key=f"{each.key}_{way}",
            title=f"{each.title} ({words})",
            way=way,
            headline=each.headline and way == HEADLINE_WAY,
        )
        for each in _RECONSTRUCTION
        for way, words in WAYS.items()
    ]


def _by_length(definitions: list[Definition]) -> list[Definition]:
    found = []
    for each in definitions:
        found.append(each)
        if each.key.removesuffix(f"_{each.way}") in (*BY_LENGTH, "forward_perplexity", RECURRENT) and (
            each.way in ("", HEADLINE_WAY)
        ):
            found += [
                replace(each, key=f"{each.key}_{length}", title=f"{each.title}, {words}", length=length, headline=False)
                for length, words in LENGTHS.items()
                if length
            ]
    return found


DEFINITIONS: dict[str, Definition] = {
    each.key: each
    for each in (
        *_LIKELIHOOD,
        *_LATENT,
        *_by_length(_reconstructions()),
        *_by_length(list(_GENERATION)),
        *_INTERPOLATION,
    )
}
"""Every number by its key, in the order of the tables."""
