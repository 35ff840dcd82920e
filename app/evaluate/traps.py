"""What a number of the evaluation does not say, in a sentence each. By the key without its way and length."""

from __future__ import annotations

from engine.evaluation.measures.definitions import Definition

_TRAPS = {
    "elbo": "Too low by the gap between q(z|x) and the true posterior. AutoGen with m above 0 is trained on another "
    "objective, which is no bound; this is the true ELBO of its model all the same.",
    "nll": "Still too high, less so with more samples of z: compare only numbers of equally many.",
    "perplexity": "Compare only models whose text is cut into the same tokens. The end of a sentence counts as one.",
    "reconstruction": "Long sentences cost more, and it rises by itself when z may cost more: read it beside the KL.",
    "kl": "A large KL may still say nothing: read it beside the reconstruction, and see Swapped z in the Diagnosis.",
    "mutual_information": "N sentences can show ln N nats at most. Near that, the true value is at least so much.",
    "active_units": "It counts and does not weigh: a unit may be active and hold a hundredth of a nat.",
    "bleu": "It is of all sentences together; single ones, as shown here, are scored over the orders that they have. "
    "Words are cut already, so that sacrebleu's own cutting is off.",
    "exact": "One other word in a long sentence counts as much as another sentence; an unknown word never comes back.",
    "token_accuracy": "A word left out moves all that follow, which then count as wrong: see the edit distance.",
    "edit_distance": "A mean of shares: short sentences weigh as much as long ones, a synonym as much as any word.",
    "forward_perplexity": "Low is fluent or dull: the likeliest sentence again and again beats real text. Read it "
    "beside the reverse perplexity, and the language model's own perplexity on real text.",
    "forward_perplexity_recurrent": "Low is fluent or dull here too. The judge is a network of the kind that wrote the "
    "samples and may share its faults: believe it where the other judge agrees.",
    "reverse_perplexity": "It falls as samples grow: compare at equally many, and with what as many real sentences "
    "reach.",
    "distinct_1": "It falls by itself with more or longer samples: compare only equally many.",
    "distinct_2": "It falls by itself with more or longer samples: compare only equally many.",
    "self_bleu": "It rises by itself with more samples, and short sentences have much in common.",
    "novelty": "A broken sentence is new, too: high is good only where the samples read well.",
    "length": "It explains much of the other numbers: long sentences are harder to get right.",
    "distinct_neighbours": "It says that something changes from step to step, not that the steps make sense.",
    "neighbour_similarity": "Steps that are all the same sentence are wholly alike: read it beside Steps that differ.",
    "largest_jump": "Ends that have nothing in common need some jump: compare only the same pairs.",
    "end_recovery": "The ends are draws of z, so even a good model loses something; what lies between does not count.",
}


def trap(definition: Definition) -> str:
    """What to beware of; "" where nothing is known."""
    return _TRAPS.get(stem(definition), "")


def stem(definition: Definition) -> str:
    """The key of a number without its way and its class of lengths."""
    key = definition.key
    for part in (definition.length, definition.way):
        key = key.removesuffix(f"_{part}") if part else key
    return key
