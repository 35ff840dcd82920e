"""Answers that the closer looks are given."""

from __future__ import annotations

from app.bench.reconstruct.inspection.values import (
    Beams,
    Cloud,
    CloudGroup,
    Credit,
    Node,
    Token,
)
from app.core.values import Reading
from engine.corpus.tokens import detokenize

WORDS = ("we", "go", "home", ".")


def reading(*words: str) -> Reading:
    return Reading(words, detokenize(words), -4.25, how="z ~ q(z|x), seed 3, beam 10")


def cloud(*groups: tuple[tuple[str, ...], int], n: int = 32) -> Cloud:
    made = tuple(CloudGroup(reading(*words), count, words == WORDS) for words, count in groups)
    same = sum(group.count for group in made if group.same)
    return Cloud(WORDS, made, sum(count for _, count in groups), n, same, "32 z ~ q(z|x), seeds 0 to 31, beam 10")


def credit(*values: tuple[str, float]) -> Credit:
    tokens = tuple(Token(word, -1.0, -1.0 - value, word == "xylophone") for word, value in values)
    return Credit((*tokens, Token("</s>", -0.25, -0.25, end=True)), "log p(token|z) - log p(token|z=0), z = mu")


def nodes() -> tuple[Node, ...]:
    """Two sentences found, "we go" and "we see", and two beginnings given up."""
    return (
        Node("", -1, 0, 0.0, 0.0, "best"),
        Node("they", 0, 1, -0.5, -0.5, "kept"),
        Node("we", 0, 1, -0.7, -0.7, "best"),
        Node("you", 0, 1, -3.0, -3.0, "pruned"),
        Node("go", 2, 2, -0.1, -0.8, "best"),
        Node("see", 2, 2, -0.4, -1.1, "kept"),
        Node("run", 1, 2, -4.0, -4.5, "pruned"),
        Node("", 4, 3, -0.2, -1.0, "best", True, 0),
        Node("", 5, 3, -0.3, -1.4, "ended", True, 1),
    )


def beams() -> Beams:
    return Beams(("we", "go"), (reading("we", "go"), reading("we", "see")), nodes(), "z = μ, beam 2, 2 best")
