"""What the paper prints, for reference beside ours: the sentences of its tables 1, 3 and 5.

"Improving latent variable descriptiveness with AutoGen" (Mansbridge et al. 2018), trained on BookCorpus. The paper sets
sentences in small capitals; here they stand in small letters. Other text, other sizes: nothing here can be compared
number by number with a run.
"""

from __future__ import annotations

from engine.evaluation.tables import Table

_SOURCE = "Printed in the AutoGen paper (Mansbridge et al. 2018), of models trained on BookCorpus; not of this run."
_MODELS = ("VAE (paper)", "VAE with annealing (paper)", "AutoGen m=1 (paper)")

PRINTED: dict[str, Table] = {
    "reconstruction": Table(
        name="reconstruction-in-the-paper",
        columns=("Input sentence", *_MODELS),
        rows=(
            ("“more or less?”", "“oh yeah.”", "“what about you?”", "“more or less?”"),
            (
                "why would you need to talk when they can do it for you?",
                "how couldn't i?",
                "why do you want to know if i can find out of here?",
                "why would you need to know if you can do it for you?",
            ),
            (
                "she had no idea how beautiful she truly was.",
                "she hadn't.",
                "she had no idea what she was talking about.",
                "she had no idea how beautiful she was to.",
            ),
            (
                "“i guess some people never learn.”",
                "“i love you.",
                "“you know what you're thinking.”",
                "“i guess our parents never exist.",
            ),
        ),
        caption="Table 1 of the paper: reconstructed sentences, not cherry picked.",
        notes=(_SOURCE, "z ~ q(z|x), beam search; 4 to 20 words, none unknown."),
    ),
    "generation": Table(
        name="generation-in-the-paper",
        columns=_MODELS,
        rows=(
            (
                "the only thing that mattered.",
                "she just looked up.",
                "they don't show themselves in mind, or something to hide.",
            ),
            ("he gave her go.", "she felt her lips together.", "her eyes widen, frowning."),
            (
                "“good morning,” i thought.",
                "my hands began to fill the void of what was happening to me.",
                "the lights lit up around me.",
            ),
            ("she turned to herself.", "at first i knew he would have to.", "i just feel like fun."),
        ),
        caption="Table 3 of the paper: sentences generated from the prior, not cherry picked.",
        notes=(_SOURCE,),
    ),
    "interpolation": Table(
        name="interpolation-in-the-paper",
        columns=("Step", *_MODELS[1:]),
        rows=(
            (0, "“i'll do anything, blake.”", "“i'll do anything, blake.”"),
            (1, "“i'll be right back then.”", "“i'll do it, though.”"),
            (2, "“i'll tell me like that.”", "“i'll say it, sir.”"),
            (3, "i dont know what to say.", "“i've done it once.”"),
            (4, "i dont know what to say.", "i dont think that was it."),
            (5, "i dont think about that way.", "i wish so, though."),
            (6, "i'll be right now.", "i bet it's okay."),
            (7, "i was so much.", "i know how dad."),
            (8, "i looked at him.", "i laughed at jack."),
            (9, "i looked at him.", "i looked at sam."),
            (10, "i looked at adam.", "i looked at adam."),
        ),
        caption="Table 5 of the paper: from one sentence to another, one pair, not cherry picked.",
        notes=(_SOURCE, "The paper leaves out the VAE without annealing and AutoGen m=2, and claims no statistics."),
    ),
}
"""The paper's tables of sentences, by the name of ours."""
